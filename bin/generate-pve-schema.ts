// Writes src/lab/pve-schema.json: what proxmox-api's typed model says of the Proxmox VE API, as compact facts.
// `node --import tsx bin/generate-pve-schema.ts [--check]`: writes, or ends with code 1 where the file differs.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }
type Fact = { [key: string]: Json }
interface Context {
  readonly file: ts.SourceFile
  readonly aliases: Map<string, ts.TypeAliasDeclaration>
  readonly types: Map<string, Fact>
  readonly endpoints: Map<string, Fact>
}

const modelPath = fileURLToPath(new URL('../node_modules/proxmox-api/src/model.ts', import.meta.url))
const schemaPath = fileURLToPath(new URL('../src/lab/pve-schema.json', import.meta.url))

// The model cuts indexed families short (net0 … net3); these are the last numbers that Proxmox VE accepts.
const families: Readonly<Record<string, number>> = {
  net: 31,
  scsi: 30,
  sata: 5,
  virtio: 15,
  ide: 3,
  hostpci: 15,
  usb: 13,
  serial: 3,
  parallel: 2,
  ipconfig: 31,
  numa: 7,
  unused: 255,
  mp: 255,
  dev: 255,
  link: 7,
  acmedomain: 5,
}
const dropped = new Set(['description', 'verbose_description', 'format_description', 'typetext'])
const numeric = new Set(['minimum', 'maximum', 'minLength', 'maxLength'])

/** The whole file as text, one line per type and per endpoint, sorted. */
export function pveSchemaText(): string {
  const file = ts.createSourceFile(modelPath, readFileSync(modelPath, 'utf8'), ts.ScriptTarget.Latest, true)
  const context: Context = { file, aliases: new Map(), types: new Map(), endpoints: new Map() }
  const space = file.statements.find(ts.isModuleDeclaration)?.body
  if (!space || !ts.isModuleBlock(space)) throw new Error(`no namespace in ${modelPath}`)
  for (const statement of space.statements) {
    if (ts.isTypeAliasDeclaration(statement)) context.aliases.set(statement.name.text, statement)
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === 'Api') walk(context, statement.members, '')
  }
  return `{"types":{\n${lines(context.types)}\n},"endpoints":{\n${lines(context.endpoints)}\n}}\n`
}

function lines(map: Map<string, Fact>): string {
  return [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, fact]) => `${JSON.stringify(name)}:${JSON.stringify(fact)}`)
    .join(',\n')
}

function walk(context: Context, members: ts.NodeArray<ts.TypeElement>, path: string): void {
  for (const member of members) {
    const name = nameOf(member)
    if (ts.isPropertySignature(member) && member.type && ts.isTypeLiteralNode(member.type)) {
      walk(context, member.type.members, `${path}/${name}`)
    }
    if (!ts.isMethodSignature(member) || !member.type) continue
    if (ts.isTypeLiteralNode(member.type)) {
      walk(context, member.type.members, `${path}/{${member.parameters[0]?.name.getText(context.file)}}`)
    } else {
      context.endpoints.set(`${name.slice(1).toUpperCase()} ${path}`, endpointOf(context, member, member.type))
    }
  }
}

function nameOf(member: ts.TypeElement): string {
  const { name } = member
  return name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : ''
}

/** A method such as `$get(param?: {…}): Promise<null>` with the tags of its comment. */
function endpointOf(context: Context, method: ts.MethodSignature, returns: ts.TypeNode): Fact {
  const tags = tagsOf(context, method)
  const endpoint: Fact = {}
  const type = method.parameters[0]?.type
  if (type && ts.isTypeLiteralNode(type)) endpoint.params = paramsOf(context, type)
  const permissions = tags.get('permissions')
  if (permissions !== undefined) endpoint.permissions = withoutText(JSON.parse(permissions) as Json)
  if (tags.get('allowtoken') === '0') endpoint.allowtoken = 0
  if (returns.getText(context.file) === 'Promise<null>') endpoint.returns = 'null'
  return endpoint
}

/** Name with `?` where optional → the name of its type; families as `net[n]`. */
function paramsOf(context: Context, literal: ts.TypeLiteralNode): Fact {
  const params: Fact = {}
  for (const member of literal.members) {
    if (!ts.isPropertySignature(member) || !member.type) continue
    const name = nameOf(member)
    const family = /^([a-z]+)\d+$/.exec(name)?.[1]
    const last = family === undefined ? undefined : families[family]
    const shown = family !== undefined && last !== undefined ? `${family}[${last}]` : name
    params[`${shown}${member.questionToken ? '?' : ''}`] = typeNameOf(context, member.type)
  }
  return params
}

function typeNameOf(context: Context, type: ts.TypeNode): string {
  const text = type.getText(context.file)
  const alias = context.aliases.get(text)
  if (!context.types.has(text)) {
    context.types.set(text, alias ? definitionOf(context, alias) : plainType(context, type))
  }
  return text
}

function definitionOf(context: Context, alias: ts.TypeAliasDeclaration): Fact {
  const tags = tagsOf(context, alias)
  const fact: Fact = plainType(context, alias.type)
  const type = tags.get('type')
  if (type !== undefined) fact.type = type
  const format = tags.get('format')
  if (format !== undefined) fact.format = format.startsWith('{') ? withoutText(JSON.parse(format) as Json) : format
  const pattern = tags.get('pattern')
  if (pattern !== undefined) fact.pattern = toJavaScript(pattern)
  for (const [tag, value] of tags) {
    if (numeric.has(tag)) fact[tag] = Number(value)
  }
  return fact
}

function plainType(context: Context, type: ts.TypeNode): Fact {
  const parts = ts.isUnionTypeNode(type) ? type.types : [type]
  const literals = parts.map((part) =>
    ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? part.literal.text : undefined,
  )
  if (literals.every((literal) => literal !== undefined)) return { type: 'string', enum: literals }
  const text = type.getText(context.file)
  if (text.endsWith('[]') || text.startsWith('Array<')) return { type: 'array' }
  return { type: ['string', 'number', 'boolean'].includes(text) ? text : 'any' }
}

/** Tags of a JSDoc comment; read by hand since TypeScript takes `@` inside a value for a tag. */
function tagsOf(context: Context, node: ts.Node): Map<string, string> {
  const range = ts.getLeadingCommentRanges(context.file.text, node.getFullStart())?.at(-1)
  const raw = range ? context.file.text.slice(range.pos, range.end) : ''
  return new Map(Array.from(raw.matchAll(/^\s*\* @(\w+) (.*)$/gm), ([, tag = '', value = '']) => [tag, value]))
}

/** Facts only: prose is dropped at every depth, patterns become JavaScript's. */
function withoutText(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutText)
  const kept: Fact = {}
  for (const [key, inner] of Object.entries(value)) {
    if (dropped.has(key) && typeof inner === 'string') continue
    kept[key] = key === 'pattern' && typeof inner === 'string' ? toJavaScript(inner) : withoutText(inner)
  }
  return kept
}

/** A Perl pattern in JavaScript's syntax: `(?^:x)` loses its flags, in `(?^i:x)` every letter stands for both cases. */
export function toJavaScript(perl: string): string {
  let out = ''
  const anyCase: boolean[] = []
  let inClass = false
  for (let at = 0; at < perl.length; at++) {
    const flags = inClass ? null : /^\(\?\^?([a-z]*):/.exec(perl.slice(at))
    const char = perl[at] ?? ''
    const both = anyCase.at(-1) ?? false
    if (flags) {
      anyCase.push(flags[1]?.includes('i') ?? false)
      out += '(?:'
      at += flags[0].length - 1
    } else if (char === '\\') {
      out += char + (perl[++at] ?? '')
    } else if (/[a-z]/i.test(char) && both) {
      const range = inClass ? /^([a-z])-([a-z])/i.exec(perl.slice(at)) : null
      at += range ? 2 : 0
      const wide = range
        ? `${range[0].toLowerCase()}${range[0].toUpperCase()}`
        : `${char.toLowerCase()}${char.toUpperCase()}`
      out += inClass ? wide : `[${wide}]`
    } else {
      if (char === '[') inClass = true
      else if (char === ']') inClass = false
      else if (char === '(' && !inClass) anyCase.push(both)
      else if (char === ')' && !inClass) anyCase.pop()
      out += char
    }
  }
  new RegExp(out)
  return out
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = pveSchemaText()
  if (!process.argv.includes('--check')) writeFileSync(schemaPath, text)
  else if (readFileSync(schemaPath, 'utf8') !== text) {
    process.stderr.write('src/lab/pve-schema.json is not what bin/generate-pve-schema.ts makes of proxmox-api\n')
    process.exitCode = 1
  }
}
