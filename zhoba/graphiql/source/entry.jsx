import React, { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import 'graphiql/graphiql.css';
import './page.css';

const EXAMPLE = `# Zhoba. Choose a role above, Ctrl+Enter runs, Ctrl+Space completes.
# Ask the same as another role: you see other rows, and what you may not read is null.
{
  viewer { fullName }
  projects(first: 5, where: { stage: { in: [IMPLEMENTATION, PLANNING] } }, orderBy: [{ field: ENDS_ON }]) {
    totalCount
    nodes {
      number
      name(lang: EN)
      stage
      endsOn
      budget { amount currency }
      ancestors { __typename ... on Program { name(lang: EN) } }
      appointments(first: 3) { nodes { role { name(lang: EN) } person { fullName } } }
    }
  }
}
`;

function addresses() {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return { url: '/graphql', socket: `${scheme}://${location.host}/graphql` };
}

function fetcherFor(token) {
  const { url, socket } = addresses();
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return createGraphiQLFetcher({
    url,
    headers: {
      accept: 'application/graphql-response+json, application/json',
      'x-zhoba-csrf': '1', // a session's cookie is believed only beside it
      ...headers,
    },
    wsClient: createClient({ url: socket, lazy: true, connectionParams: headers }),
  });
}

function RolePicker({ roles, chosen, choose }) {
  return (
    <label className="role-picker">
      DEMO
      <select value={chosen} onChange={(event) => choose(Number(event.target.value))}>
        <option value={-1}>anonymous</option>
        {roles.map((entry, place) => (
          <option key={entry.role} value={place}>{entry.role}: {entry.person}</option>
        ))}
      </select>
    </label>
  );
}

function Page() {
  const [roles, setRoles] = useState([]);
  const [chosen, choose] = useState(-1);
  useEffect(() => {
    fetch('/graphiql/roles.json').then((answer) => answer.json()).then(setRoles, () => {});
  }, []);
  const token = roles[chosen]?.token;
  const fetcher = useMemo(() => fetcherFor(token), [token]);
  return (
    <>
      {roles.length > 0 && <RolePicker roles={roles} chosen={chosen} choose={choose} />}
      <GraphiQL key={chosen} fetcher={fetcher} defaultQuery={EXAMPLE} defaultEditorToolsVisibility={true} />
    </>
  );
}

createRoot(document.getElementById('graphiql')).render(<Page />);
