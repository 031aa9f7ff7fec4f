import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { parse as parseYaml } from 'yaml'
import { siteJsonSchema } from '../../src/site/json-schema.ts'

type Json = Record<string, unknown>
const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const mapOf = (value: unknown): Json => (isMap(value) ? value : {})
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

const KNOWN = new Set(
  (
    '$schema $ref $id id title description definitions examples default type const enum anyOf oneOf allOf properties required ' +
    'additionalProperties additionalItems propertyNames items pattern minLength maxLength minimum maximum exclusiveMinimum minItems maxItems'
  ).split(' '),
)

/** The part of draft 7 that the schema uses; an unknown keyword is an error, so that nothing is passed over. */
function check(root: Json, schema: unknown, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema
  const rules = mapOf(schema)
  for (const key of Object.keys(rules)) assert.ok(KNOWN.has(key), `keyword ${key}`)
  if (typeof rules.$ref === 'string')
    return check(root, mapOf(root.definitions)[rules.$ref.replace('#/definitions/', '')], value)
  const inner = (part: unknown, entry: unknown) => check(root, part, entry)
  return (
    (rules.type === undefined || [rules.type].flat().some((type) => isType(type, value))) &&
    (!('const' in rules) || rules.const === value) &&
    (rules.enum === undefined || listOf(rules.enum).includes(value)) &&
    (rules.anyOf === undefined || listOf(rules.anyOf).some((part) => inner(part, value))) &&
    (rules.oneOf === undefined || listOf(rules.oneOf).filter((part) => inner(part, value)).length === 1) &&
    listOf(rules.allOf).every((part) => inner(part, value)) &&
    checkScalar(rules, value) &&
    checkList(rules, value, inner) &&
    checkMap(rules, value, inner)
  )
}

function isType(type: unknown, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isMap(value)
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}

function checkScalar(rules: Json, value: unknown): boolean {
  if (typeof value === 'string') return typeof rules.pattern !== 'string' || new RegExp(rules.pattern, 'u').test(value)
  if (typeof value !== 'number') return true
  return value >= Number(rules.minimum ?? -Infinity) && value <= Number(rules.maximum ?? Infinity)
}

function checkList(rules: Json, value: unknown, inner: (schema: unknown, value: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return true
  const parts = rules.items
  const fits = value.every((entry, index) =>
    inner(Array.isArray(parts) ? (parts[index] ?? rules.additionalItems ?? false) : (parts ?? true), entry),
  )
  return fits && value.length >= Number(rules.minItems ?? 0) && value.length <= Number(rules.maxItems ?? Infinity)
}

function checkMap(rules: Json, value: unknown, inner: (schema: unknown, value: unknown) => boolean): boolean {
  if (!isMap(value)) return true
  const properties = mapOf(rules.properties)
  return (
    listOf(rules.required).every((key) => typeof key === 'string' && Object.hasOwn(value, key)) &&
    Object.keys(value).every((key) => rules.propertyNames === undefined || inner(rules.propertyNames, key)) &&
    Object.entries(value).every(([key, entry]) =>
      inner(Object.hasOwn(properties, key) ? properties[key] : (rules.additionalProperties ?? true), entry),
    )
  )
}

describe('json-schema', () => {
  const schema = mapOf(siteJsonSchema())
  const accepts = (text: string) => check(schema, schema, parseYaml(text))

  it('is draft 7, as every YAML plugin reads it', () => {
    assert.equal(schema.$schema, 'http://json-schema.org/draft-07/schema#')
    assert.equal(schema.additionalProperties, false)
  })
  it('has only patterns that compile', () => {
    const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)].map(([, text = '""']) =>
      String(JSON.parse(text)),
    )
    assert.ok(patterns.length > 20)
    for (const pattern of patterns) assert.doesNotThrow(() => new RegExp(pattern, 'u'), pattern)
  })
  it('names and describes its parts', () => {
    const { Guest, Nic, Secret } = mapOf(schema.definitions)
    assert.ok(Guest && Nic && Secret)
    assert.match(JSON.stringify(mapOf(mapOf(Guest).properties).memory), /"description":"Memory, such as 32G"/)
  })

  for (const file of readdirSync('templates/sites')) {
    it(`accepts ${file}`, () => assert.equal(accepts(readFileSync(`templates/sites/${file}`, 'utf8')), true))
    it(`${file} begins with the line that editors read`, () => {
      assert.equal(
        readFileSync(`templates/sites/${file}`, 'utf8').split('\n')[0],
        '# yaml-language-server: $schema=../site.schema.json',
      )
    })
  }
  const refused = [
    'site: a\n',
    'site: a\nnodes: { n: { address: 10.0.0.1 } }\nx: 1\n',
    'site: a\nnodes: { n: { address: 10.0.0.1, hardware: { memory: 32 } } }\n',
  ]
  for (const text of refused) it(`refuses ${JSON.stringify(text)}`, () => assert.equal(accepts(text), false))
})
