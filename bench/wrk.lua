-- One request after the other, numbered; tells what came of them as one line of JSON.
-- Arguments: method, path with {id}, body with {n}, first number, count, key.

local head, tail, body, first, count, n

local function with(text, mark, value)
  local from, to = text:find(mark, 1, true)
  return from and text:sub(1, from - 1) .. value .. text:sub(to + 1) or text
end

local function numbered()
  local id = string.format("%012x", first + n)
  local text = with(body, "{n}", string.format("%d", first + n))
  n = (n + 1) % count
  if text == "" then
    return with(head, "{id}", id) .. tail .. "\r\n"
  end
  return with(head, "{id}", id) .. tail .. "Content-Length: " .. #text .. "\r\n\r\n" .. text
end

function init(args)
  head = args[1] .. " " .. args[2] .. " HTTP/1.1\r\n"
  body, first, count, n = args[3], tonumber(args[4]), tonumber(args[5]), 0
  tail = "Host: " .. wrk.host .. ":" .. wrk.port .. "\r\nx-api-key: " .. args[6] .. "\r\n"
  if body ~= "" then
    tail = tail .. "Content-Type: application/json\r\n"
  elseif args[1] == "POST" then
    tail = tail .. "Content-Length: 0\r\n"
  end
  if count == 1 then
    -- always the same: wrk sends it without asking
    local only = numbered()
    wrk.format = function() return only end
  else
    request = numbered
  end
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
