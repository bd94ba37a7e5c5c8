"""What the code of lesson 06 says, apart from the code, so that a translation can stand beside it."""

# compare.py
STARTING = "Starting {method}"
STARTED = "All that can start here has started."
GENERATOR = "How much the load generator itself can do"
LOADING = "{users} users at {method}"
LOADED = "Everybody had their load."
NIGHT = "{seconds:.0f} s since all models were killed"
MORNING = "It is morning."
COLUMNS = {
    "simplicity": "simplicity",
    "scalability": "scalability",
    "performance": "performance",
    "fault tolerance": "fault tolerance",
    "difficulty of introduction": "introduction",
}
DISAGREEMENT = ("method", "column", "measured", "lecture", "the figure behind it")

# plots_compare.py
COLD_START_S = "cold start, seconds"
LATENCY_MS = "latency, ms (one request at a time)"
PER_S = "texts per second, 16 users"
MEMORY_MB = "memory, MB"
SECONDS = "time, seconds"
KILLED = "killed"
WOKEN = "started again by hand"
ANSWERED = "answered"
LOST = "lost"
LOST_OF = "{method}\nlost {lost:.0f} of {sent:.0f}"
NOT_HERE = "not measured here"
USERS = "users at the same time"
P95_MS = "p95, ms"
BOUND = "the bound: {bound:.0f} ms"

# check_compare.py
USERS_UNSOLVED = "Set users to a number. p95_with(url, users) measures for you."
USERS_NO_NUMBER = "users is {found!r}. It has to be a whole number from 1 to {most}."
USERS_TOO_MANY = "With {users} users I measured a p95 of {p95:.0f} ms. That is over the bound of {bound:.0f} ms. Which point of your plot is the last one below the line?"
USERS_TOO_FEW = "With {users} users p95 is {p95:.0f} ms, and with {double} it is still only {p95_double:.0f} ms. The bound is {bound:.0f} ms: there is room for more."
USERS_OK = "With {users} users p95 is {p95:.0f} ms; with {double} it is {p95_double:.0f} ms. The bound of {bound:.0f} ms is passed in between."
USERS_NEAR = "With {users} users p95 is {p95:.0f} ms, with {double} it is {p95_double:.0f} ms. The bound is {bound:.0f} ms: as near as a laptop can tell."
PREDICTION_UNSOLVED = "Set predicted_p95_ms and replicas. simulate(times, rate_per_s, replicas) returns latencies in ms."
PREDICTION_NO_NUMBER = "predicted_p95_ms is {found!r}. It has to be a number of milliseconds. Did you take a percentile of what simulate() returned?"
REPLICAS_NO_NUMBER = "replicas is {found!r}. It has to be a whole number from 1 to {most}."
PREDICTION_WRONG = (
    "You predicted a p95 of {predicted:.1f} ms. At {rate:.0f} requests per second I measured {measured:.1f} ms. "
    "Is it the 95th percentile, in ms, of one replica, at that rate?"
)
REPLICAS_TOO_FEW = "With {replicas} replicas the simulated p99 at {rate:.0f} per second is {p99:.0f} ms. The bound is {bound:.0f} ms."
REPLICAS_TOO_MANY = "{replicas} replicas are enough, but so are {fewer}: p99 is {p99:.0f} ms, and the bound is {bound:.0f} ms. Each one costs money."
PREDICTION_OK = "Predicted {predicted:.1f} ms, measured {measured:.1f} ms. With {replicas} replicas the simulated p99 is {p99:.0f} ms, with one less it is over the bound."
PREDICTION_OK_BUSY = (
    "Predicted {predicted:.1f} ms, but measured {measured:.1f} ms: this machine does something else as well, which no simulation knows. "
    "With {replicas} replicas the simulated p99 is {p99:.0f} ms, with one less it is over the bound."
)
DEFENCE_UNSOLVED = (
    "Choose a company ({companies}) and a method, then write down the figures that defend it."
)
DEFENCE_NO_COMPANY = "company is {found!r}. There are: {companies}."
DEFENCE_NO_METHOD = "method is {found!r}. There are: {methods}."
DEFENCE_NOT_MEASURED = "Your report has no {column} of {method}: it was not there on this machine. You cannot defend what you have not measured. Take another company."
DEFENCE_FAILS = {
    "bank": "At night nobody is there. Your report says about {method}: {column} is {value}.",
    "museum": "There is room for 500 MB. Your report says about {method}: {column} is {value}.",
    "game": "They want the fastest answer, and your report says about {method}: {column} is {value}. Another method is faster by more than a quarter.",
}
RULED_OUT = {
    "bank": "The bank would say no to {method}. Read again what may leave the building, and what its people can look after.",
    "museum": "The museum would say no to {method}.",
    "game": "The game's players would have to install what {method} needs. Read again what is on their computers.",
}
DEFENCE_NO_PROOF = "The choice may be right. But which measured figure of it answers what the company {company} asks for first? Put it into figures."
DEFENCE_NO_RIVAL = (
    "A number alone says little. Add the same figure of a method that you did not choose."
)
DEFENCE_OK = "{method} for the {company}: {count} figures, all of them in your report. The one that decides: {column} = {value}."
CLAIM_FORM = "{found!r} is no figure. Write each as (column, method, value), for example ('p50_ms', 'docker', 12.3)."
CLAIM_UNKNOWN = "There is no figure {column!r} of {method!r}. The columns are: {columns}."
CLAIM_NOT_MEASURED = "Your report has no {column} of {method}: it was not measured on this machine."
CLAIM_WRONG = "You say that {column} of {method} is {value}. Your report says {measured}."
BREAK_EVEN_UNSOLVED = "Write the body of break_even()."
BREAK_EVEN_NO_NUMBER = "break_even() returned {found!r}, and not a number."
BREAK_EVEN_MILLIONS = (
    "break_even() returned {found:.1f}. Are these millions? It should be the number of requests."
)
BREAK_EVEN_WRONG = (
    "An hour costs {machine_hour}, a million requests cost {per_million}: break_even() returned {found:,.0f} requests. "
    "What does the machine cost in a month, with or without requests? And what does one request cost at the provider?"
)
BREAK_EVEN_OK = "From {requests:,.0f} requests a month on, the machine is cheaper: {per_s:.0f} per second, day and night. Your machine does {most:.0f} per second at most."
