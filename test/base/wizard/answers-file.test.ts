// Answers as a file: what is read, everything that is wrong at once, and that nothing breaks out of a line.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { readAnswers, toAnswersText } from '../../../src/base/wizard/answers-file.ts'

describe('base/wizard/answers-file', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'orion-answers-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const readFile = (text: string) => {
    const file = join(folder, 'answers.yaml')
    writeFileSync(file, text)
    return readAnswers(file)
  }
  const read = async (text: string) => (await readFile(text)).answers

  it('reads YAML and JSON; numbers, yes and no are words', async () => {
    assert.deepEqual(
      await read('start: orion\nguests.web.id: 200\nlook: yes\nguests.more: [web, 7]\ndomain:\nx: true\n'),
      {
        start: 'orion',
        'guests.web.id': '200',
        look: 'yes',
        'guests.more': ['web', '7'],
        domain: '',
        x: 'true',
      },
    )
    assert.deepEqual(await read('{"site": "home"}'), { site: 'home' })
  })

  const BAD: readonly (readonly [string, string, RegExp])[] = [
    ['is no map', '- a\n- b\n', /is not a map/],
    ['is not YAML', 'a: [1, 2\n', /answers\.yaml:\d+:\d+/],
    ['has a key twice', 'a: 1\na: 2\n', /answers\.yaml:2/],
  ]
  for (const [what, text, wanted] of BAD)
    it(`refuses a file that ${what}`, async () => {
      await assert.rejects(read(text), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'E_USAGE')
        assert.match(error.message, wanted)
        return true
      })
    })

  it('knows what is no answer beside those that are', async () => {
    assert.deepEqual(await readFile('a: { b: 1 }\nc: [[1]]\nd: 1\n'), { answers: { d: '1' }, unusable: ['a', 'c'] })
  })

  it('says that there is no such file', async () => {
    await assert.rejects(readAnswers(join(folder, 'none.yaml')), {
      code: 'E_USAGE',
      message: /answers file .* does not exist/,
    })
  })

  it('what is saved is what is read, whatever stands in it', async () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('- x', '# no comment', 'a\nb: c', '\u2028', '---', '{', '*a', '~', '200', 'true'),
    )
    const answers = fc.dictionary(fc.stringMatching(/^[a-z][\w.-]{0,12}$/), fc.oneof(word, fc.array(word)), {
      maxKeys: 5,
      noNullPrototype: true,
    })
    await fc.assert(
      fc.asyncProperty(answers, word, async (given, message) => {
        fc.pre(Object.keys(given).length > 0)
        const messages = Object.fromEntries(Object.keys(given).map((id) => [id, message]))
        assert.deepEqual(await read(toAnswersText(given, messages)), given)
      }),
      { numRuns: 60 },
    )
  })
})
