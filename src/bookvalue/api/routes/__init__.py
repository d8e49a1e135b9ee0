"""The routes, one file a noun, and the list of them."""

from fastapi import APIRouter

from bookvalue.api.routes import (
    accounts,
    asset_types,
    assets,
    businesses,
    depreciation,
    explanations,
    forecasts,
    journal_entries,
    periods,
    runs,
)

ROUTERS: tuple[APIRouter, ...] = (
    businesses.router,
    accounts.router,
    asset_types.router,
    assets.router,
    runs.router,
    periods.router,
    journal_entries.router,
    depreciation.router,
    explanations.router,
    forecasts.router,
)
