import assert from 'node:assert/strict'
import { formatFinding, pathText, plain, show } from '../../src/site/finding.ts'
import type { Located } from '../../src/site/site.ts'

describe('finding', () => {
  const located: Located = {
    severity: 'error',
    path: ['guests', 'router', 'nics', 'lan'],
    message: '192.168.101.1 is not in 192.168.100.0/24 (network lan)',
    file: 'orion.yaml',
    line: 41,
    column: 11,
    frame: '> 41 |   lan: 192.168.101.1',
  }

  it('formats as file:line:column, path and message, then the frame', () => {
    assert.equal(
      formatFinding(located),
      'orion.yaml:41:11  guests.router.nics.lan  192.168.101.1 is not in 192.168.100.0/24 (network lan)\n> 41 |   lan: 192.168.101.1',
    )
  })
  it('says of a warning that it is one', () => {
    assert.equal(
      formatFinding({ ...located, severity: 'warning', path: [], message: 'm', frame: '' }),
      'orion.yaml:41:11  warning: m',
    )
  })
  it('writes indices in brackets', () => assert.equal(pathText(['bgp', 'announce', 0]), 'bgp.announce[0]'))

  const values: [unknown, string][] = [
    ['32X', '"32X"'],
    [5, '5'],
    [null, 'nothing'],
    [Number.NaN, '.nan'],
    [[1], 'a list'],
    [{}, 'a map of keys'],
    ['x'.repeat(100), `"${'x'.repeat(59)}…"`],
    ['a\u001b[31mb\u202ec', '"a\u{FFFD}[31mb\u{FFFD}c"'],
    ['https://me:pw@host/', '"https://***@host/"'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----\nabc', 'a private key'],
  ]
  for (const [value, wanted] of values) it(`shows ${wanted}`, () => assert.equal(show(value), wanted))

  it('plain text keeps what people write', () => assert.equal(plain('Zürich – 5 €'), 'Zürich – 5 €'))
})
