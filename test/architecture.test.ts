// The shape of the code: which room may import which, one owner per library, and sizes.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** Room → rooms it may import; `types:` allows `import type` only. Every room may import errors. */
const ARROWS: Record<string, readonly string[]> = {
  commands: ['base', 'parts'],
  base: ['site', 'engine', 'console', 'pve', 'host', 'lab', 'types:resource'],
  console: ['types:engine', 'types:resource'],
  engine: ['types:resource'],
  parts: ['site', 'resources', 'probes', 'render', 'types:resource'],
  resources: ['types:resource', 'types:site', 'types:pve', 'types:host'],
  probes: ['types:resource', 'types:site', 'types:pve', 'types:host', 'types:resources'],
  resource: ['types:pve', 'types:host', 'types:site'],
  lab: ['site', 'types:resource', 'types:pve', 'types:host'],
  pve: [],
  host: [],
  render: [],
  site: [],
  errors: [],
}

/** Library → the only rooms that import it. */
const OWNERS: Record<string, readonly string[]> = {
  'proxmox-api': ['pve'],
  // The lab's hosts answer over a real SSH server, which is ssh2's too.
  ssh2: ['host', 'lab'],
  'tar-stream': ['host', 'lab'],
  'ssh-config': ['host'],
  eta: ['render'],
  // A site file that is there already is shown as it would change.
  diff: ['resources', 'base'],
  undici: ['pve'],
  zod: ['site'],
  yaml: ['site'],
  inquirer: ['console'],
  listr2: ['console'],
  chalk: ['console'],
  uqr: ['console'],
  // The certificate that answers an installer is ours, that of the lab is its own.
  selfsigned: ['lab', 'base'],
  'smol-toml': ['site'],
  unixcrypt: ['base'],
}

interface Arrow {
  readonly from: string
  readonly to: string
  readonly types: boolean
  /** `import()`: loaded when it is needed. */
  readonly lazy: boolean
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** `commands/vm/apply.ts` → `commands`; `errors.ts` → `errors`. */
const roomOf = (file: string): string => (file.split('/')[0] ?? '').replace(/\.ts$/, '')

function importsOf(file: string): Arrow[] {
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest, true)
  const arrows: Arrow[] = []
  const add = (specifier: ts.Expression | undefined, types: boolean, lazy = false) => {
    if (!specifier || !ts.isStringLiteral(specifier)) return
    const to = specifier.text.startsWith('.') ? relative(SRC, join(SRC, dirname(file), specifier.text)) : specifier.text
    arrows.push({ from: file, to, types, lazy })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node))
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return arrows
}

const arrows = files.flatMap(importsOf)

function isAllowed({ from, to, types }: Arrow): boolean {
  const [here, there] = [roomOf(from), roomOf(to)]
  if (here === there || there === 'errors') return true
  const allowed = ARROWS[here] ?? []
  return allowed.includes(there) || (types && allowed.includes(`types:${there}`))
}

describe('architecture', () => {
  it('reads the imports of every file', () => {
    assert.ok(files.length > 50, `${files.length} files`)
    assert.ok(arrows.length > 200, `${arrows.length} imports`)
  })

  it('knows every room', () => {
    assert.deepEqual(
      [...new Set(files.map(roomOf))].filter((room) => !(room in ARROWS)),
      [],
    )
  })

  it('lets imports run one way only', () => {
    const wrong = arrows.filter((arrow) => arrow.to.endsWith('.ts') && !isAllowed(arrow))
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} -> ${to}`),
      [],
    )
  })

  it('gives each library one owner', () => {
    const wrong = arrows.filter(({ from, to, types }) => !types && OWNERS[to] && !OWNERS[to].includes(roomOf(from)))
    assert.deepEqual(
      wrong.map(({ from, to }) => `${from} -> ${to}`),
      [],
    )
  })

  it('loads nothing but oclif and small files of ours with a command, so that --help is quick', () => {
    const loaded = new Set(files.filter((file) => roomOf(file) === 'commands'))
    // A set that grows while it is walked: what is added is walked, too.
    for (const file of loaded)
      for (const { from, to, types, lazy } of arrows) if (from === file && !types && !lazy) loaded.add(to)
    // nearest.ts is 45 lines without an import of its own.
    const small = /^(commands\/|base\/|errors\.ts$|site\/nearest\.ts$|node:|@oclif\/core\/)/
    assert.deepEqual(
      [...loaded].filter((one) => !small.test(one)),
      [],
    )
  })

  it('keeps files and commands small', () => {
    const limit = (file: string) => (roomOf(file) === 'commands' ? 60 : 250)
    const lines = (file: string) => readFileSync(join(SRC, file), 'utf8').split('\n').length - 1
    const large = files.filter((file) => lines(file) > limit(file))
    assert.deepEqual(
      large.map((file) => `${file}: ${lines(file)}`),
      [],
    )
  })

  it('says in the first line what each file is for', () => {
    const mute = files.filter((file) => !/^(#!|\/\/ |\/\*\*)/.test(readFileSync(join(SRC, file), 'utf8')))
    assert.deepEqual(mute, [])
  })
})
