"""Screens of what visits are held against: KPI definitions, promotions, scorecards, figures."""
