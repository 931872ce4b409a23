"""The Slack bot: the same engine and the same citations, in channels, messages and the pane.

An event is written down and acknowledged at once, and answered afterwards:
app -> events -> bot -> desk (queue and workers) -> answering -> writer -> blocks -> app.
`app` alone knows Slack's own libraries; the rest speaks to the `Slack` protocol.
"""
