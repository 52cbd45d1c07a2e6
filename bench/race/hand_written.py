"""The four questions as a person would write them for PostgreSQL, without authority.

In the order in which Zhoba answers, and for the data of the race: every name is Kazakh, all money
is in tenge, and groups hold no groups.
"""

from __future__ import annotations

from typing import Any

from bench.race.queries import ZHOBA

NAME = "to_json({0}.name_kk)::text"
PROJECT = """'{"number":' || to_json(p.number)::text || ',"name":' || to_json(p.name_kk)::text
  || ',"stage":"' || p.stage || '","startsOn":"' || p.starts_on || '","endsOn":"' || p.ends_on
  || '","budget":{"amount":"' || (p.budget_minor * 0.01)::text || '","currency":"' || p.currency
  || '"}"""

STATEMENTS: dict[str, str] = {
    "Q1": f"""
SELECT '{{"data":{{"project":' || {PROJECT}'
  || ',"ancestors":[' || (
    SELECT string_agg('{{"name":' || to_json(coalesce(g.name_kk, d.name_kk, r.name_kk, b.name_kk,
        c.name_kk))::text || '}}', ',' ORDER BY up.depth DESC)
    FROM node_closure up
      LEFT JOIN project_group g ON g.id = up.ancestor_id
      LEFT JOIN basic_direction d ON d.id = up.ancestor_id
      LEFT JOIN program r ON r.id = up.ancestor_id
      LEFT JOIN state_body b ON b.id = up.ancestor_id
      LEFT JOIN country c ON c.id = up.ancestor_id
    WHERE up.descendant_id = p.id AND up.depth > 0 AND NOT up.service)
  || '],"appointments":{{"nodes":[' || coalesce((
    SELECT string_agg('{{"roleCode":"' || a.role || '","person":{{"fullName":'
        || to_json(h.full_name)::text || '}}}}', ',' ORDER BY a.id)
    FROM (SELECT * FROM appointment WHERE node_id = p.id ORDER BY id LIMIT 10) a
      JOIN person h ON h.id = a.person_id), '')
  || ']}}}}}}}}'
FROM project p WHERE p.id = $1""",
    "Q2": f"""
SELECT '{{"data":{{"program":{{"name":' || to_json(r.name_kk)::text
  || ',"directions":{{"nodes":[' || (
    SELECT string_agg('{{"name":' || to_json(d.name_kk)::text || ',"groups":{{"nodes":[' || (
      SELECT string_agg('{{"name":' || to_json(g.name_kk)::text || ',"projects":{{"nodes":[' || (
        SELECT string_agg({PROJECT}}}', ',' ORDER BY p.number, p.id)
        FROM project p WHERE p.parent_id = g.id)
        || ']}}}}', ',' ORDER BY g.name_kk_sort, g.id)
      FROM node gn JOIN project_group g USING (id)
      WHERE gn.parent_id = d.id AND gn.kind = 'PROJECT_GROUP')
    || ']}}}}', ',' ORDER BY d.name_kk_sort, d.id)
    FROM node dn JOIN basic_direction d USING (id)
    WHERE dn.parent_id = r.id AND dn.kind = 'BASIC_DIRECTION')
  || ']}}}}}}}}'
FROM program r WHERE r.id = $1""",
    "Q3": f"""
SELECT '{{"data":{{"projects":{{"edges":[' || coalesce(array_to_string(edges[:50], ','), '')
  || '],"pageInfo":{{"hasNextPage":' || (cardinality(edges) > 50)::text || ',"endCursor":"'
  || cursors[least(50, cardinality(cursors))] || '"}}}}}}}}'
FROM (
  SELECT array_agg(p.cursor) AS cursors,
    array_agg('{{"cursor":"' || p.cursor || '","node":' || {PROJECT}}}}}') AS edges
  FROM (
    SELECT encode(convert_to('["' || ends_on || '",' || id || ']', 'UTF8'), 'hex') AS cursor,
      number, name_kk, stage, starts_on, ends_on, budget_minor, currency
    FROM project WHERE stage = $1 ORDER BY ends_on, id LIMIT 51
  ) p
) page""",
    "Q4": """
SELECT '{"data":{"programs":{"nodes":[' || string_agg('{"name":' || to_json(r.name_kk)::text
  || ',"projectStats":{"byStage":[' || coalesce((
    SELECT string_agg('{"stage":"' || stage || '","count":' || count
      || ',"budget":[{"amount":"' || (total * 0.01)::text || '","currency":"' || currency
      || '"}]}', ',' ORDER BY stage)
    FROM (SELECT stage, currency, count(*) AS count, sum(budget_minor) AS total
      FROM project WHERE program_scope_id = r.id GROUP BY stage, currency) sums), '')
  || ']}}', ',' ORDER BY r.name_kk_sort, r.id) || ']}}}'
FROM (SELECT id, name_kk, name_kk_sort FROM program ORDER BY name_kk_sort, id LIMIT 100) r""",
}

VARIABLE: dict[str, list[dict[str, Any]]] = {
    "Q1": [{"variable": "project", "key": True}],
    "Q2": [{"variable": "program", "key": True}],
    "Q3": [{"variable": "stage"}],
    "Q4": [],
}


def hand_written() -> dict[str, Any]:
    """What :mod:`bench.race.bare` serves as the physical limit."""
    return {
        name: {"document": ZHOBA[name].document, "sql": sql, "parameters": VARIABLE[name]}
        for name, sql in STATEMENTS.items()
    }
