// Templates: values arrive verbatim on their own line, everything else throws.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { template, toText } from '../src/render.ts'

const TEMPLATES = new URL('../templates/', import.meta.url)
const PORT = { auto: false, name: 'eno1', mtu: undefined as number | string | undefined }

describe('render', () => {
  const port = template<typeof PORT>('net/port')

  it('fills a template', () => {
    assert.equal(port({ auto: true, name: 'eno1', mtu: 9000 }), 'auto eno1\niface eno1 inet manual\n\tmtu 9000\n')
    assert.equal(port(PORT), 'iface eno1 inet manual\n')
  })

  for (const [what, value] of Object.entries({
    undefined: undefined,
    null: null,
    NaN: Number.NaN,
    object: {},
    array: [1],
  })) {
    it(`refuses ${what} where a value belongs`, () => {
      assert.throws(() => port({ ...PORT, name: value as string }), /a template got \w+ where a value belongs/)
    })
  }

  it('refuses a name that the view does not have', () => {
    assert.throws(
      () => template<object>('net/port')({ auto: false, name: 'eno1' }),
      /net\/port.eta: no value named "mtu"/,
    )
    assert.throws(() => template<object>('net/port')({ name: 'eno1', mtu: 1 }), /no value named "auto"/)
  })

  it('does not take what every object has for a value of the view', () => {
    const odd = Object.create({ name: 'inherited', auto: false, mtu: 1 }) as typeof PORT
    assert.throws(() => port(odd), /no value named "auto"/)
  })

  for (const value of ['a\nb', 'a\r', 'a\tb', 'a\0', 'a\u0085', 'a\u2028b', '\u001b[31m']) {
    it(`refuses the control character in ${JSON.stringify(value)}`, () => {
      assert.throws(() => port({ ...PORT, name: value }), /control character/)
    })
  }

  for (const value of [
    '$(reboot)',
    '`id`',
    "'; drop",
    '"x"',
    '# no',
    '<%= 1 %>',
    '<b>&amp;',
    '\\',
    '{{x}}',
    'ümlaut',
  ]) {
    it(`prints ${value} verbatim`, () => assert.equal(port({ ...PORT, name: value }), `iface ${value} inet manual\n`))
  }

  it('prints every text of one line verbatim, and no other', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are meant
        const oneLine = !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value)
        if (oneLine) assert.equal(toText(value), value)
        else assert.throws(() => toText(value))
      }),
    )
  })

  it('has no template that prints a value unchecked', () => {
    const files = readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.eta'))
    assert.ok(files.length >= 5)
    for (const file of files) assert.doesNotMatch(readFileSync(new URL(file, TEMPLATES), 'utf8'), /<%~/, file)
  })
})
