// The lab's schema: what the generator makes of proxmox-api, and what each version has of it.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { pveSchemaText, toJavaScript } from '../../bin/generate-pve-schema.ts'
import { schemaOf } from '../../src/lab/schema.ts'
import { skip } from '../setup.ts'

const reference = fileURLToPath(new URL('../../../shared/pve-api/schema-9.1.json', import.meta.url))

describe('schema', () => {
  it('is what the generator makes of the installed proxmox-api', () => {
    const file = fileURLToPath(new URL('../../src/lab/pve-schema.json', import.meta.url))
    assert.ok(readFileSync(file, 'utf8') === pveSchemaText(), 'run npm run generate')
  })

  it('finds endpoints, ids decoded', () => {
    const { find } = schemaOf('9.1.4')
    const rows: [string, string, string | undefined, Record<string, string>?][] = [
      ['GET', '/version', '/version', {}],
      [
        'GET',
        '/nodes/a/tasks/UPID%3Aa%3A1%3A/status',
        '/nodes/{node}/tasks/{upid}/status',
        { node: 'a', upid: 'UPID:a:1:' },
      ],
      [
        'GET',
        '/nodes/a/storage/s/content/s:iso/x.iso',
        '/nodes/{node}/storage/{storage}/content/{volume}',
        { node: 'a', storage: 's', volume: 's:iso/x.iso' },
      ],
      ['PATCH', '/version', undefined],
      ['GET', '/version/x', undefined],
      ['GET', '/nodes/a/qemu/100/nonsense', undefined],
    ]
    for (const [method, path, template, ids] of rows) {
      const found = find(method, path)
      assert.deepEqual([found?.endpoint.template, found?.ids], [template, ids], path)
    }
  })

  it('finds nothing and stays whole for any path', () => {
    const { find } = schemaOf('9.1.4')
    fc.assert(fc.property(fc.string(), (path) => find('GET', `/nowhere/${path}`) === undefined))
  })

  it('has what 9 has and 8 has not', () => {
    const eight = schemaOf('8.4.14')
    const nine = schemaOf('9.1.4')
    assert.equal(eight.endpoint('GET /cluster/ha/rules'), undefined)
    assert.ok(nine.endpoint('GET /cluster/ha/rules'))
    const agent = 'GET /nodes/{node}/qemu/{vmid}/agent/get-osinfo'
    assert.match(JSON.stringify(eight.endpoint(agent)?.permissions), /VM\.Monitor/)
    assert.match(JSON.stringify(nine.endpoint(agent)?.permissions), /VM\.GuestAgent\.Audit/)
  })

  it('changes only what it was told to', () => {
    // A pattern that misses its endpoints would add nothing, one that is too wide would add to others.
    const added = (name: string) =>
      schemaOf('9.1.4').keys.filter((key) => schemaOf('9.1.4').endpoint(key)?.params[name])
    assert.deepEqual(added('import-working-storage'), [
      'POST /nodes/{node}/qemu',
      'POST /nodes/{node}/qemu/{vmid}/config',
    ])
    assert.deepEqual(added('failback').sort(), ['POST /cluster/ha/resources', 'PUT /cluster/ha/resources/{sid}'])
    assert.deepEqual(added('env').sort(), ['POST /nodes/{node}/lxc', 'PUT /nodes/{node}/lxc/{vmid}/config'])
  })

  it('knows every parameter of guests, storages and access that a real 9.1 knows', function () {
    if (!existsSync(reference)) return skip(this, 'the schema of Proxmox VE 9.1 is not beside this checkout')
    const real = JSON.parse(readFileSync(reference, 'utf8')) as Record<string, { params: Record<string, unknown> }>
    const topic =
      /^(POST|PUT|DELETE) \/(access\/(roles|users|acl)|pools|nodes\/\{node\}\/(qemu|lxc)(\/\{vmid\}(\/config|\/resize|\/status\/\w+)?)?$|nodes\/\{node\}\/storage)/
    // Between nodes only, with a ticket of the cluster's own.
    const inner = new Set(['nets-host-mtu', 'with-conntrack-state'])
    for (const [key, { params }] of Object.entries(real)) {
      if (!topic.test(key) || /oci/.test(key)) continue
      const mine = schemaOf('9.1.4').endpoint(key)
      const lacking = Object.keys(params).filter(
        (name) => !mine?.params[name] && !mine?.families[name.replace('[n]', '')] && !inner.has(name),
      )
      assert.deepEqual(lacking, [], key)
    }
  })
})

describe('toJavaScript', () => {
  const rows: [string, string, string[], string[]][] = [
    ['(?^:ab)', '(?:ab)', ['ab'], ['AB']],
    ['(?^i:a[b-d]\\d)x', '(?:[aA][b-dB-D]\\d)x', ['Ac1x'], ['Ac1X']],
    ['(?^i:(a|b))c', '(?:([aA]|[bB]))c', ['Bc'], ['BC']],
    ['(?^i:x(?^:y))', '(?:[xX](?:y))', ['Xy'], ['XY']],
    ['[(?^i:]a', '[(?^i:]a', ['(a'], ['(A']],
  ]
  for (const [perl, expected, right, wrong] of rows) {
    it(perl, () => {
      const made = toJavaScript(perl)
      assert.equal(made, expected)
      const pattern = new RegExp(`^(?:${made})$`)
      for (const text of right) assert.match(text, pattern)
      for (const text of wrong) assert.doesNotMatch(text, pattern)
    })
  }
})
