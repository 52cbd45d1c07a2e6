"""Whether somebody gets a link to a file."""

from __future__ import annotations

from zhoba.testing.platform import Member, Platform

LINK = "mutation D($id: ID!) { prepareDownload(input: {fileId: $id}) { userErrors { code } } }"


async def opens(platform: Platform, reader: Member, file_id: str) -> bool:
    """Whether the reader may open the file; nobody else learns that there is one."""
    data = await platform.read(LINK, {"id": file_id}, by=reader)
    codes = [each["code"] for each in data["prepareDownload"]["userErrors"]]
    assert codes in ([], ["NOT_FOUND"])
    return codes == []
