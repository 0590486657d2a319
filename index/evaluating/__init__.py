"""How good the answers are over judged questions, and weights fitted on them."""
