# One image for api, worker, cron and migrate; the command says which.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python3 -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home crm
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 CRM_HOST=0.0.0.0 CRM_LOG_FORMAT=json
WORKDIR /home/crm
USER 10001
EXPOSE 3000
STOPSIGNAL SIGTERM
ENTRYPOINT ["smart-crm"]
CMD ["api"]
