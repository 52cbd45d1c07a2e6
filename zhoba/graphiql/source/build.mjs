// Builds ../assets: run `npm install` and `npm run build` in a copy of this folder outside the repository.
import { build } from 'esbuild';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUT = 'assets';
rmSync(OUT, { recursive: true, force: true });

// The fonts GraphiQL carries are left out: the page uses the system's, which have Kazakh letters.
const withoutFonts = {
  name: 'without-fonts',
  setup(run) {
    run.onLoad({ filter: /graphiql\/.*\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

const result = await build({
  entryPoints: { graphiql: 'entry.jsx' },
  outdir: OUT,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2020',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  legalComments: 'none',
  metafile: true,
  plugins: [withoutFonts],
});

// Advice that names download addresses has no place in a page that works offline.
for (const name of readdirSync(OUT)) {
  const path = join(OUT, name);
  const text = readFileSync(path, 'utf8')
    .replaceAll(/https:\/\/yarn\w+\.com\/[\w/-]+/g, '')
    .replaceAll(' (jsdelivr, unpkg, etc)', '');
  writeFileSync(path, text);
}

const packages = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const found = input.match(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/);
  if (found) packages.add(found[1]);
}
const seen = new Map();
const lines = ['Third-party software inside assets/, with its licences.', ''];
for (const name of [...packages].sort()) {
  const folder = join('node_modules', name);
  const { version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
  if (!seen.has(text)) seen.set(text, []);
  seen.get(text).push(`${name} ${version} (${license})`);
}
for (const [text, names] of seen) lines.push('='.repeat(80), ...names, '', text, '');
writeFileSync('LICENSES', lines.join('\n'));
