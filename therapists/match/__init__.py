"""Find your match: at most six questions, and who answers them best.

`questions` are what is asked and what was answered; `rule` says who fits and who comes first;
`result` what the reader is shown. Nothing of an answer is stored, set in a cookie, or written into
an address: answers travel in the body of a POST.
"""
