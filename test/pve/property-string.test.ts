import assert from 'node:assert/strict'
import fc from 'fast-check'
import { parseList, parseProperties, printProperties } from '../../src/pve/property-string.ts'

describe('property-string', () => {
  const rows: readonly [string, string | undefined, Record<string, string>][] = [
    [
      'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1',
      undefined,
      { virtio: 'BC:24:11:00:00:01', bridge: 'vmbr0', firewall: '1' },
    ],
    [
      'local-zfs:vm-100-disk-0,iothread=1,size=32G',
      'file',
      { file: 'local-zfs:vm-100-disk-0', iothread: '1', size: '32G' },
    ],
    ['media=cdrom,local:iso/x.iso', 'file', { media: 'cdrom', file: 'local:iso/x.iso' }],
    ['x86-64-v2-AES,flags=+aes;-pcid', 'cputype', { cputype: 'x86-64-v2-AES', flags: '+aes;-pcid' }],
    ['uuid=a,,base64=1,', undefined, { uuid: 'a', base64: '1' }],
    ['gw=fe80::1%eth0,ip=10.0.0.1/24', undefined, { gw: 'fe80::1%eth0', ip: '10.0.0.1/24' }],
    ['sku=QT09PQ==,base64=1', undefined, { sku: 'QT09PQ==', base64: '1' }],
    ['', undefined, {}],
  ]
  for (const [text, defaultKey, want] of rows) {
    it(`reads ${JSON.stringify(text)}`, () =>
      assert.deepEqual(Object.fromEntries(parseProperties(text, defaultKey)), want))
  }

  for (const [text, defaultKey] of [
    ['vmbr0', undefined],
    ['a,b', 'file'],
    ['a=1,a=2', undefined],
    ['file=x,y', 'file'],
    ['=x', undefined],
  ] as const) {
    it(`refuses to read ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseProperties(text, defaultKey), { code: 'E_PVE_ANSWER' }))
  }

  it('prints in order, without undefined, booleans as 1 and 0, lists with semicolons', () => {
    const net = {
      virtio: 'BC:24:11:00:00:01',
      bridge: 'vmbr0',
      tag: undefined,
      firewall: true,
      link_down: false,
      trunks: ['2', '3'],
      queues: 4,
    }
    assert.equal(
      printProperties(net),
      'virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1,link_down=0,trunks=2;3,queues=4',
    )
    assert.deepEqual(parseList('2;3'), ['2', '3'])
  })

  it('prints the default key without its name where the value allows', () => {
    assert.equal(printProperties({ file: 'local:5', ssd: 1 }, 'file'), 'local:5,ssd=1')
    assert.equal(printProperties({ file: 'a=b' }, 'file'), 'file=a=b')
  })

  const unprintable: readonly [string, Parameters<typeof printProperties>[0]][] = [
    ['a comma', { password: 'geheim,1' }],
    ['a line end', { a: 'x\ny' }],
    ['nothing', { a: '' }],
    ['an empty list', { a: [] }],
    ['a semicolon in a list', { a: ['x;y'] }],
    ['no number', { a: Number.NaN }],
    ['a key with =', { 'a=b': 'x' }],
  ]
  for (const [name, properties] of unprintable) {
    it(`refuses ${name}, and does not repeat the value`, () =>
      assert.throws(
        () => printProperties(properties),
        (error: { code: string; message: string }) => {
          assert.equal(error.code, 'E_PVE_PARAMETERS')
          assert.doesNotMatch(error.message, /geheim/)
          return true
        },
      ))
  }

  it('whatever can be printed is read back as it was', () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/)
    const properties = fc.uniqueArray(fc.tuple(key, fc.string({ unit: 'binary' })), { selector: ([name]) => name })
    fc.assert(
      fc.property(properties, fc.option(key, { nil: undefined }), (entries, defaultKey) => {
        const want = new Map(entries)
        let text: string
        try {
          text = printProperties(want, defaultKey)
        } catch {
          return // not representable
        }
        assert.deepEqual([...parseProperties(text, defaultKey)], entries)
      }),
    )
  })
})
