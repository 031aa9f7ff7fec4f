// What the reading program answers, taken apart.
import assert from 'node:assert/strict'
import { packMembers } from '../../src/host/archive.ts'
import { getRequests, parseAnswer, splitBySize } from '../../src/host/reading.ts'

describe('orion-read', () => {
  it('asks for each file once, and for commands by number', () => {
    const [request, ...more] = getRequests({ files: ['/a', '/b', '/a'], commands: { 'its name': ['ip', "it's"] } })
    assert.equal(more.length, 0)
    assert.deepEqual(request?.words, ['20', '2', '/a', '/b', '0', `'ip' 'it'\\''s'`])
    assert.deepEqual(request?.names, ['its name'])
    assert.equal(getRequests({}).length, 1)
  })

  it('splits what is too long, commands in the first part', () => {
    const files = Array.from({ length: 3000 }, (_, index) => `/some/rather/long/folder/name/${index}`)
    const requests = getRequests({ files, commands: { a: ['true'] } })
    assert.ok(requests.length > 1)
    assert.deepEqual(
      requests.map(({ names }) => names.length),
      [1, ...requests.slice(1).map(() => 0)],
    )
    assert.deepEqual(
      requests.flatMap(({ words }) => words.slice(2, 2 + Number(words[1]))),
      files,
    )
    assert.ok(requests.every(({ words }) => words.join('   ').length < 100_000))
    assert.deepEqual(
      splitBySize([1e9, 1], (size) => size),
      [[1e9], [1]],
    )
  })

  it('understands what the host says', async () => {
    const tar = await packMembers([{ name: '/a', mode: 0o600, content: 'text' }])
    const text = `0 0 ${Buffer.from('said\n').toString('base64')}\n1 127 \n\n`
    const seen = await parseAnswer(Buffer.concat([Buffer.from(text), tar]), ['x', 'y'])
    assert.deepEqual(seen.commands.get('x'), { code: 0, stdout: 'said\n', stderr: '' })
    assert.deepEqual(seen.commands.get('y'), { code: 127, stdout: '', stderr: '' })
    assert.deepEqual(seen.files.get('/a'), { kind: 'file', text: 'text', mode: 0o600, owner: 'root', group: 'root' })
  })

  for (const text of [
    '',
    'Welcome!\n\n',
    '0 0 \n',
    '0 0 \n\nno tar at all, but long enough '.padEnd(2000, '.'),
    '1 0 \n\n',
    '0 x \n\n',
  ])
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, async () => {
      await assert.rejects(parseAnswer(Buffer.from(text), ['x']))
    })
})
