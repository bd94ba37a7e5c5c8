"""Every sentence that the code of lesson 06 prints, in one place for translators."""

# compare.py
STARTING = "Starting {method}"
STARTED = "Everything that can start here has started."
GENERATOR = "Measuring the limit of the load generator"
LOADING = "{users} users on {method}"
LOADED = "The load test is finished."
NIGHT = "{seconds:.0f} s since all models were killed"
MORNING = "The bad night is over."
COLUMNS = {
    "simplicity": "simplicity",
    "scalability": "scalability",
    "performance": "performance",
    "fault tolerance": "fault tolerance",
    "difficulty of adoption": "difficulty of adoption",
}
DISAGREEMENT = ("method", "column", "measured", "lecture", "based on")

# plots_compare.py
COLD_START_S = "cold start, seconds"
LATENCY_MS = "latency, ms (one request at a time)"
PER_S = "texts per second, 16 users"
MEMORY_MB = "memory, MB"
SECONDS = "time, seconds"
KILLED = "killed"
RESTARTED = "restarted manually"
SUCCEEDED = "succeeded"
LOST = "lost"
LOST_OF = "{method}\nlost {lost:.0f} of {sent:.0f}"
NOT_HERE = "not measured here"
USERS = "concurrent users"
P95_MS = "p95, ms"
BOUND = "limit: {bound:.0f} ms"

# check_compare.py
USERS_UNSOLVED = "Set users to a number. p95_with(url, users) measures the p95 for you."
USERS_NO_NUMBER = "users is {found!r}. It has to be a whole number from 1 to {most}."
USERS_TOO_MANY = (
    "With {users} users, I measured a p95 of {p95:.0f} ms. "
    "That's over the limit of {bound:.0f} ms. "
    "Which is the last point of your plot below the line?"
)
USERS_TOO_FEW = (
    "With {users} users, p95 is {p95:.0f} ms, and with {double} it's still only "
    "{p95_double:.0f} ms. The limit is {bound:.0f} ms, so there is room for more."
)
USERS_MEASURING = "Two loads of two seconds each, with {users} and with {double} users."
USERS_OK = (
    "With {users} users, p95 is {p95:.0f} ms, and with {double} it's {p95_double:.0f} ms. "
    "The limit of {bound:.0f} ms is in between."
)
USERS_NEAR = (
    "With {users} users, p95 is {p95:.0f} ms, and with {double} it's {p95_double:.0f} ms. "
    "The limit is {bound:.0f} ms. That's as close as you can measure on a laptop."
)
PREDICTION_UNSOLVED = (
    "Set predicted_p95_ms and replicas. "
    "simulate(times, rate_per_s, replicas) returns latencies in ms."
)
PREDICTION_NO_NUMBER = (
    "predicted_p95_ms is {found!r}. It has to be a number of milliseconds. "
    "Did you take a percentile of what simulate() returned?"
)
PREDICTION_P50 = (
    "You predicted {predicted:.1f} ms, which half of the simulated requests take. "
    "Here, 95% take at most {simulated:.1f} ms. Which percentile did you ask for?"
)
PREDICTION_MEASURING = "Your service gets {rate:.0f} requests per second for four seconds."
PREDICTION_SIMULATING = "Next year's load is simulated, with your replicas and with one less."
REPLICAS_NO_NUMBER = "replicas is {found!r}. It has to be a whole number from 1 to {most}."
PREDICTION_WRONG = (
    "You predicted a p95 of {predicted:.1f} ms. "
    "At {rate:.0f} requests per second, I measured {measured:.1f} ms. "
    "Is your number the 95th percentile in ms for one replica at that rate?"
)
REPLICAS_TOO_FEW = (
    "With {replicas} replicas, the simulated p99 at {rate:.0f} per second is {p99:.0f} ms. "
    "The limit is {bound:.0f} ms."
)
REPLICAS_TOO_MANY = (
    "{replicas} replicas are enough, but so are {fewer}: their p99 is {p99:.0f} ms, "
    "and the limit is {bound:.0f} ms. Each replica costs money."
)
PREDICTION_OK = (
    "Predicted {predicted:.1f} ms, measured {measured:.1f} ms. "
    "With {replicas} replicas, the simulated p99 is {p99:.0f} ms; "
    "with one fewer, it's over the limit."
)
PREDICTION_OK_BUSY = (
    "Predicted {predicted:.1f} ms, but measured {measured:.1f} ms: "
    "this machine is also doing other work, which the simulation doesn't know about. "
    "With {replicas} replicas, the simulated p99 is {p99:.0f} ms; "
    "with one fewer, it's over the limit."
)
DEFENSE_UNSOLVED = (
    "Choose a company ({companies}) and a method, and list the figures that defend your choice."
)
DEFENSE_NO_COMPANY = "company is {found!r}. It has to be one of: {companies}."
DEFENSE_NO_METHOD = "method is {found!r}. It has to be one of: {methods}."
DEFENSE_NOT_MEASURED = (
    "Your report has no {column} for {method}, because it wasn't available on this machine. "
    "You can't defend what you haven't measured. Choose another company."
)
DEFENSE_FAILS = {
    "bank": ("Nobody is there at night. In your report, for {method}, {column} is {value}."),
    "museum": "There are 500 MB of disk space. In your report, for {method}, {column} is {value}.",
    "game": (
        "They want the fastest responses. In your report, for {method}, {column} is {value}. "
        "Another method is more than a quarter faster."
    ),
}
RULED_OUT = {
    "bank": (
        "The bank would reject {method}. "
        "Read again what must not leave the building and what its staff can maintain."
    ),
    "museum": "The museum would reject {method}.",
    "game": (
        "The game's players would have to install what {method} needs. "
        "Read again what they want to install."
    ),
}
DEFENSE_NO_PROOF = (
    "Your choice might be right. But which measured figure shows that it meets the main "
    "requirement of the {company}? Add it to figures."
)
DEFENSE_NO_RIVAL = (
    "A single number says little. Add the same figure for a method that you didn't choose."
)
DEFENSE_OK = (
    "{method} for the {company}: {count} figures, all of them in your report. "
    "The deciding one: {column} = {value}."
)
CLAIM_FORM = (
    "{found!r} isn't a figure. "
    "Write each figure as (column, method, value), for example ('p50_ms', 'docker', 12.3)."
)
CLAIM_UNKNOWN = "There is no figure {column!r} for {method!r}. The columns are: {columns}."
CLAIM_NOT_MEASURED = "Your report has no {column} for {method}: it wasn't measured on this machine."
CLAIM_WRONG = "You wrote that {column} for {method} is {value}. Your report says {measured}."
BREAK_EVEN_UNSOLVED = "Write the body of break_even()."
BREAK_EVEN_NO_NUMBER = "break_even() returned {found!r}, which isn't a number."
BREAK_EVEN_MILLIONS = (
    "break_even() returned {found:.1f}. Are these millions? It should return requests."
)
BREAK_EVEN_WRONG = (
    "An hour costs {machine_hour}, and a million requests cost {per_million}: "
    "break_even() returned {found:,.0f} requests. "
    "What does the machine cost in a month, with or without requests? "
    "And what does one request cost at the provider?"
)
BREAK_EVEN_OK = (
    "Above {requests:,.0f} requests per month, the machine is cheaper: "
    "{per_s:.0f} per second, day and night. Your machine handles at most {most:.0f} per second."
)
