"""The seed of a run's chances: `CHAOS_SEED` repeats a run, else each has its own."""

import os
import random

SEED = int(os.environ.get("CHAOS_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
