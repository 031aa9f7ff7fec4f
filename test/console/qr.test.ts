// The QR code on the terminal: every module of it, in both looks, and nothing where it does not fit.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encode } from 'uqr'
import { renderQr } from '../../src/console/qr.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: what is between colours
const COLOUR = /\u001b\[[\d;]*m/g

/** True = dark, as a camera sees it: on paper where there are colours, else on a dark terminal. */
function seen(text: string, colour: boolean): boolean[][] {
  return text
    .replace(COLOUR, '')
    .split('\n')
    .flatMap((line) => [
      [...line].map((sign) => '█▀'.includes(sign) === colour),
      [...line].map((sign) => '█▄'.includes(sign) === colour),
    ])
}

describe('console/qr', () => {
  for (const colour of [true, false])
    it(`draws every module${colour ? ' dark on light' : ' light on a dark terminal'}, with the margin that readers want`, () => {
      const { data, size } = encode('[Interface]', { ecc: 'L', boostEcc: true, border: 4 })
      const rows = seen(renderQr('[Interface]', { width: 80, colour }) ?? assert.fail(), colour)
      assert.deepEqual(rows.slice(0, size), data)
      // An odd number of rows: the last half line is margin.
      assert.ok(
        rows
          .slice(size)
          .flat()
          .every((dark) => !dark),
      )
      assert.ok([...rows.slice(0, 4), ...rows.slice(size - 4, size)].flat().every((dark) => !dark))
      assert.ok(rows.every((row) => [...row.slice(0, 4), ...row.slice(-4)].every((dark) => !dark)))
    })

  it('is the code of the text, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const { data, size } = encode(text, { ecc: 'L', boostEcc: true, border: 4 })
        assert.deepEqual(seen(renderQr(text, { width: 160, colour: true }) ?? assert.fail(), true).slice(0, size), data)
      }),
      { numRuns: 20 },
    )
  })

  it('takes a smaller margin before it gives up, and never breaks its lines', () => {
    const text = 'x'.repeat(350)
    const width = (renderQr(text, { width: 160, colour: false }) ?? '').split('\n')[0]?.length ?? 0
    for (const [columns, want] of [
      [width, width],
      [width - 1, width - 4],
      [width - 4, width - 4],
      [width - 5, undefined],
    ] as const)
      assert.equal(renderQr(text, { width: columns, colour: false })?.split('\n')[0]?.length, want, String(columns))
  })

  it('is none where the text is longer than a code can be', () => {
    assert.equal(renderQr('x'.repeat(3000), { width: 400, colour: false }), undefined)
  })
})
