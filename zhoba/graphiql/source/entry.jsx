import React, { useEffect, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';
import 'graphiql/graphiql.css';
import './page.css';

const EXAMPLE = `# Zhoba. Ctrl+Space completes, Ctrl+Enter runs.
query {
  __typename
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
    headers: { accept: 'application/graphql-response+json, application/json', ...headers },
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
