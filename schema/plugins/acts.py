"""The acts on plugins."""

from __future__ import annotations

from core.errors import PRODUCT_DEFAULT
from core.plugins.enabling import ENABLE, change_plugin_settings, disable_plugin, enable_plugin
from schema.mutations.declaring import Mutation

REGION = "The region; left out: the bodies of the republic."
SETTINGS = "Settings, an object as `plugins { settingsSchema }` describes it."

PLUGIN_ACTS = (
    Mutation(
        "enablePlugin",
        enable_plugin,
        "PluginRegion",
        (ENABLE,),
        PRODUCT_DEFAULT,
        describe={"region_id": REGION, "settings": f"{SETTINGS} Left out: those kept earlier."},
    ),
    Mutation(
        "disablePlugin",
        disable_plugin,
        "PluginRegion",
        (ENABLE,),
        PRODUCT_DEFAULT,
        describe={"region_id": REGION},
    ),
    Mutation(
        "changePluginSettings",
        change_plugin_settings,
        "PluginRegion",
        (ENABLE,),
        PRODUCT_DEFAULT,
        describe={"region_id": REGION, "settings": f"{SETTINGS} They replace all kept earlier."},
    ),
)
