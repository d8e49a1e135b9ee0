"""The routes, one file a noun, and the list of them."""

from fastapi import APIRouter

from bookvalue.api.routes import (
    accounts,
    asset_facts,
    asset_types,
    assets,
    batches,
    businesses,
    depreciation,
    disposals,
    explanations,
    fixed_paths,
    forecasts,
    journal_entries,
    periods,
    runs,
    sources,
    value_changes,
    value_updates,
)

ROUTERS: tuple[APIRouter, ...] = (
    businesses.router,
    accounts.router,
    asset_types.router,
    fixed_paths.router,  # before what would take these words for ids
    batches.router,
    value_updates.router,  # before assets: its path is one of theirs otherwise
    assets.router,
    value_changes.router,
    disposals.router,
    sources.router,
    asset_facts.router,
    runs.router,
    periods.router,
    journal_entries.router,
    depreciation.router,
    explanations.router,
    forecasts.router,
)
