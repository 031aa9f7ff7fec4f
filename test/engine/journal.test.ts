// The chain of a journal: it holds as it was written, and no line of it can be changed, moved or taken out unseen.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { getMended, parseEntry, readChain, sha256, toLine } from '../../src/engine/journal.ts'

const chain = (payloads: readonly string[]): string => {
  let before: string | undefined
  return payloads
    .map((payload) => {
      const line = toLine(before, payload)
      before = line.slice(0, 64)
      return line
    })
    .join('')
}
const broken = (text: string) => readChain(text).lines.filter(({ holds }) => !holds)

describe('engine/journal', () => {
  const payloads = fc.array(
    fc.json().map((text) => text.replaceAll('\n', ' ')),
    { minLength: 1, maxLength: 8 },
  )

  it('holds as it was written', () => {
    fc.assert(
      fc.property(payloads, (given) => {
        const { lines, torn } = readChain(chain(given))
        assert.deepEqual(
          lines.map(({ payload, holds }) => [payload, holds]),
          given.map((payload) => [payload, true]),
        )
        assert.equal(torn, '')
      }),
    )
  })

  it('no line can be changed unseen', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.string({ minLength: 1, maxLength: 3 }), (given, where, put) => {
        const text = chain(given)
        const at = where % (text.length - 1)
        const changed = text.slice(0, at) + put + text.slice(at + put.length)
        fc.pre(changed !== text && !put.includes('\n'))
        const { lines, torn } = readChain(changed)
        assert.ok(lines.some(({ holds }) => !holds) || torn !== '')
      }),
    )
  })

  it('no line can be taken out of the middle, or put elsewhere', () => {
    const lines = chain(['1', '2', '3', '4']).trimEnd().split('\n')
    const [a, b, c, d] = lines
    assert.equal(broken(`${[a, c, d].join('\n')}\n`)[0]?.number, 2)
    assert.equal(broken(`${[b, c, d].join('\n')}\n`)[0]?.number, 1)
    assert.ok(broken(`${[a, c, b, d].join('\n')}\n`).length > 0)
  })

  it('a shell comes to the same hash', () => {
    const text = chain(['{"a":"ä \\\\n %s"}', '{"b":2}'])
    const [first = '', second = ''] = text.split('\n')
    const script = 'printf "%s %s" "$1" "$2" | sha256sum'
    const out = execFileSync('sh', ['-c', script, 'sh', first.slice(0, 64), second.slice(65)], { encoding: 'utf8' })
    assert.equal(out.slice(0, 64), second.slice(0, 64))
  })

  it('half a line is seen, and a later line may own up to it', () => {
    const whole = chain(['{"n":1}'])
    const half = 'deadbeef {"n'
    assert.equal(readChain(whole + half).torn, half)
    const mend = toLine(whole.slice(0, 64), JSON.stringify({ v: 1, kind: 'mend', torn: sha256(half) }))
    const { lines } = readChain(`${whole}${half}\n${mend}`)
    assert.deepEqual(
      lines.map(({ holds }) => holds),
      [true, false, true],
    )
    assert.deepEqual([...getMended(lines)], [2])
  })

  it('nobody owns up to another line', () => {
    const whole = chain(['{"n":1}'])
    const mend = toLine(whole.slice(0, 64), JSON.stringify({ v: 1, kind: 'mend', torn: sha256('other') }))
    assert.deepEqual([...getMended(readChain(`${whole}half\n${mend}`).lines)], [])
  })

  it('whatever stands there, reading it is no trouble', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseEntry(text)
        readChain(text)
      }),
    )
  })
})
