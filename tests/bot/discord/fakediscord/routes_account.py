"""Routes about the bot itself, its gateway and its commands."""

from .errors import Json, missing_access, unknown
from .routing import Answer, Call, Route, own_application


async def get_gateway(call: Call) -> Answer:
    """Answer the gateway's address."""
    return Answer(body={"url": call.service.gateway.url})


async def get_bot_gateway(call: Call) -> Answer:
    """Answer the gateway's address, and how often sessions may begin."""
    limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
    url = call.service.gateway.url
    return Answer(body={"url": url, "shards": 1, "session_start_limit": limit})


async def get_me(call: Call) -> Answer:
    """Answer the bot's own user."""
    user = call.service.world.bot.payload()
    extra = {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None, "flags": 0}
    return Answer(body={**user, **extra})


async def get_application(call: Call) -> Answer:
    """Answer the bot's application."""
    world = call.service.world
    installed = sum(guild.installed for guild in world.guilds.values())
    config: Json = {
        "0": {"oauth2_install_params": {"scopes": ["applications.commands", "bot"]}},
        "1": {"oauth2_install_params": {"scopes": ["applications.commands"]}},
    }
    for one in config.values():
        one["oauth2_install_params"]["permissions"] = "0"
    application: Json = {
        "id": world.application_id,
        "name": world.bot.name,
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "owner": world.owner.payload(),
        "team": None,
        "verify_key": "0" * 64,
        "flags": 0,
        "bot": world.bot.payload(),
        "approximate_guild_count": installed,
        "approximate_user_install_count": sum(one.installed for one in world.users.values()),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "integration_types_config": config,
    }
    return Answer(body=application)


async def get_user(call: Call) -> Answer:
    """Answer a user."""
    user = call.service.world.users.get(call.params["user"])
    if user is None:
        raise unknown("User", 10013)
    return Answer(body=user.payload())


async def get_guild(call: Call) -> Answer:
    """Answer a guild the bot is in."""
    world = call.service.world
    guild = world.guilds.get(call.params["guild"])
    if guild is None:
        raise unknown("Guild", 10004)
    if not guild.installed:
        raise missing_access()
    return Answer(body=guild.payload(world.owner, world.bot))


async def get_member(call: Call) -> Answer:
    """Answer a member of a guild."""
    await get_guild(call)
    user = call.service.world.users.get(call.params["user"])
    if user is None:
        raise unknown("Member", 10007)
    return Answer(body=user.member())


async def create_direct(call: Call) -> Answer:
    """Open direct messages with a user."""
    user = call.service.world.users.get(str(call.form.get("recipient_id")))
    if user is None:
        raise unknown("User", 10013)
    return Answer(body=call.service.world.direct(user).payload(call.service.world.bot))


def _scope(call: Call) -> str | None:
    own_application(call)
    guild_id = call.params.get("guild")
    if guild_id is not None:
        guild = call.service.world.guilds.get(guild_id)
        if guild is None or not guild.installed:
            raise missing_access()
    return guild_id


def _without_localizations(command: Json) -> Json:
    """Return a command as Discord lists it when not asked for its translations."""
    return {key: value for key, value in command.items() if not key.endswith("_localizations")}


async def list_commands(call: Call) -> Answer:
    """Answer the commands of a scope."""
    found = call.service.commands.all(_scope(call))
    if call.query.get("with_localizations", "").lower() not in ("1", "true"):
        found = [_without_localizations(command) for command in found]
    return Answer(body=found)


async def replace_commands(call: Call) -> Answer:
    """Overwrite the commands of a scope."""
    commands = call.service.commands.replace(_scope(call), call.body or [])
    call.service.log.note("sync")
    return Answer(body=commands)


async def create_command(call: Call) -> Answer:
    """Add or overwrite one command."""
    new, command = call.service.commands.create(_scope(call), call.form)
    return Answer(201 if new else 200, command)


async def get_command(call: Call) -> Answer:
    """Answer one command."""
    return Answer(body=call.service.commands.get(_scope(call), call.params["command"]))


async def edit_command(call: Call) -> Answer:
    """Change one command."""
    store = call.service.commands
    return Answer(body=store.edit(_scope(call), call.params["command"], call.form))


async def delete_command(call: Call) -> Answer:
    """Remove one command."""
    call.service.commands.delete(_scope(call), call.params["command"])
    return Answer(204)


ROUTES = [
    Route("GET", "/gateway", get_gateway, authorized=False),
    Route("GET", "/gateway/bot", get_bot_gateway),
    Route("GET", "/users/@me", get_me),
    Route("GET", "/oauth2/applications/@me", get_application),
    Route("GET", "/applications/@me", get_application),
    Route("GET", "/users/{user}", get_user),
    Route("POST", "/users/@me/channels", create_direct),
    Route("GET", "/guilds/{guild}", get_guild),
    Route("GET", "/guilds/{guild}/members/{user}", get_member),
    *(
        route
        for base in ("/applications/{application}", "/applications/{application}/guilds/{guild}")
        for route in (
            Route("GET", f"{base}/commands", list_commands),
            Route("PUT", f"{base}/commands", replace_commands),
            Route("POST", f"{base}/commands", create_command),
            Route("GET", f"{base}/commands/{{command}}", get_command),
            Route("PATCH", f"{base}/commands/{{command}}", edit_command),
            Route("DELETE", f"{base}/commands/{{command}}", delete_command),
        )
    ),
]
