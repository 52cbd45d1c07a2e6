// mercurius with graphql-jit as its manual shows it: resolvers over pg, loaders against N+1.
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE, max: Number(process.env.RACE_POOL) });
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;
const one = async (name, text, values) => (await rows(name, text, values))[0] ?? null;

const schema = `
  type Query {
    project(id: ID!): Project
    program(id: ID!): Program
    programs: [Program!]!
    projects(first: Int!, stage: String!, after: String): ProjectConnection!
  }
  type Country { id: ID! name: String! }
  type Body { id: ID! name: String! country: Country! }
  type Program { id: ID! name: String! body: Body! directions: [Direction!]! byStage: [StageStats!]! }
  type Direction { id: ID! name: String! program: Program! groups: [ProjectGroup!]! }
  type ProjectGroup { id: ID! name: String! direction: Direction! projects: [Project!]! }
  type Project {
    id: ID! number: String! name: String! stage: String startsOn: String endsOn: String
    amount: String currency: String group: ProjectGroup! appointments: [Appointment!]!
  }
  type Appointment { role: String! person: Person! }
  type Person { fullName: String! }
  type StageStats { stage: String count: Int! amount: String! }
  type ProjectConnection { edges: [ProjectEdge!]! pageInfo: PageInfo! }
  type ProjectEdge { cursor: String! node: Project! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
`;

const PROJECT = `id::text, group_id, number, name, stage, starts_on AS "startsOn",
  ends_on AS "endsOn", amount::text, currency`;

const encode = (row) => Buffer.from(JSON.stringify([row.endsOn, row.id])).toString("base64");

const resolvers = {
  Query: {
    project: (_, { id }) =>
      one("project", `SELECT ${PROJECT} FROM peer.project WHERE id = $1`, [id]),
    program: (_, { id }) => one("program", "SELECT * FROM peer.program WHERE id = $1", [id]),
    programs: () => rows("programs", "SELECT * FROM peer.program ORDER BY id", []),
    projects: async (_, { first, stage, after }) => {
      const [day, id] = after
        ? JSON.parse(Buffer.from(after, "base64"))
        : ["-infinity", "0"];
      const found = await rows(
        "projects",
        `SELECT ${PROJECT} FROM peer.project WHERE stage = $1 AND (ends_on, id) > ($2::date, $3)
         ORDER BY ends_on, project.id LIMIT $4`,
        [stage, day, id, first + 1],
      );
      const page = found.slice(0, first);
      return {
        edges: page.map((node) => ({ cursor: encode(node), node })),
        pageInfo: {
          hasNextPage: found.length > first,
          endCursor: page.length ? encode(page[page.length - 1]) : null,
        },
      };
    },
  },
};

const keyed = (name, text, key) => async (queries) => {
  const found = await rows(name, text, [queries.map(({ obj }) => obj[key])]);
  const byId = new Map(found.map((row) => [String(row.id), row]));
  return queries.map(({ obj }) => byId.get(String(obj[key])));
};

const listed = (name, text, foreign) => async (queries) => {
  const found = await rows(name, text, [queries.map(({ obj }) => obj.id)]);
  const lists = new Map(queries.map(({ obj }) => [String(obj.id), []]));
  for (const row of found) lists.get(String(row[foreign])).push(row);
  return queries.map(({ obj }) => lists.get(String(obj.id)));
};

const loaders = {
  Project: {
    group: keyed("group", "SELECT * FROM peer.project_group WHERE id = ANY($1)", "group_id"),
    appointments: listed(
      "appointments",
      `SELECT id, project_id, person_id, role FROM peer.appointment
       WHERE project_id = ANY($1) ORDER BY id`,
      "project_id",
    ),
  },
  Appointment: {
    person: keyed(
      "person",
      'SELECT id, full_name AS "fullName" FROM peer.person WHERE id = ANY($1)',
      "person_id",
    ),
  },
  ProjectGroup: {
    direction: keyed("direction", "SELECT * FROM peer.direction WHERE id = ANY($1)", "direction_id"),
    projects: listed(
      "groupProjects",
      `SELECT ${PROJECT} FROM peer.project WHERE group_id = ANY($1) ORDER BY project.id`,
      "group_id",
    ),
  },
  Direction: {
    program: keyed("directionProgram", "SELECT * FROM peer.program WHERE id = ANY($1)", "program_id"),
    groups: listed(
      "groups",
      "SELECT * FROM peer.project_group WHERE direction_id = ANY($1) ORDER BY id",
      "direction_id",
    ),
  },
  Program: {
    body: keyed("body", "SELECT * FROM peer.body WHERE id = ANY($1)", "body_id"),
    directions: listed(
      "directions",
      "SELECT * FROM peer.direction WHERE program_id = ANY($1) ORDER BY id",
      "program_id",
    ),
    byStage: listed(
      "byStage",
      `SELECT program_id, stage, count(*)::int AS count, sum(amount)::text AS amount
       FROM peer.project WHERE program_id = ANY($1) GROUP BY program_id, stage ORDER BY stage`,
      "program_id",
    ),
  },
  Body: {
    country: keyed("country", "SELECT * FROM peer.country WHERE id = ANY($1)", "country_id"),
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1, graphiql: false });
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
console.log("ready");
