"""What each page may say, and when: sentences in both languages, each with its written condition.

One module for each subject. A sentence stands as the reader has it, in Japanese and in English, with the words that change in
braces; the function below it is the condition under which it may be said, in words (its docstring) and as a test against what is
reckoned. A text that no sentence fits is a fault as well, so that a new one must be given its condition here.
"""
