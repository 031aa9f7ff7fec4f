// The plan as Markdown: what a pull request shows, by GitHub's own parser, whatever stands in site file and hosts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { renderMarkdown } from '../../src/console/plan-markdown.ts'
import type { Plan, PlanStep } from '../../src/engine/plan.ts'
import { needs } from '../setup.ts'
import { page } from './plain.ts'

const look = { command: 'vm apply', again: 'vm plan', confirmSeconds: 60 }
const step = (more: Partial<PlanStep>): PlanStep => ({
  ...{ id: 'vm:n1/200', title: 'router', verb: 'update', differences: [], waits: [], needs: [] },
  ...more,
})
const planOf = (...steps: PlanStep[]): Plan => ({ site: 'a', goal: 'present', steps })

/** Markdown as GitHub makes HTML of it. Not safe mode: what gets through must be seen. */
const toHtml = (markdown: string): string =>
  execFileSync('cmark-gfm', ['--unsafe', '-e', 'table', '-e', 'autolink', '-e', 'strikethrough'], {
    input: markdown,
  }).toString()

describe('console/plan-markdown', function () {
  this.timeout(30_000)

  it('has a sum, a table, and what changes folded away', () => {
    const plan = planOf(
      step({ verb: 'keep', id: 'storage:c/local', title: 'local' }),
      step({
        verb: 'create',
        id: 'vm:n1/201',
        title: 'proxy',
        brief: '2 cores',
        differences: [{ field: 'cores', want: '2' }],
      }),
      step({
        differences: [{ field: 'memory', have: '2048', want: '4096' }],
        waits: [{ field: 'cpu', have: 'kvm64', want: 'host', waits: 'restart' }],
        precaution: 'snapshot first',
      }),
      step({
        id: 'file-set:n1/interfaces',
        title: 'network of n1',
        differences: [
          {
            field: '/etc/network/interfaces',
            disrupts: 'bridge vmbr1',
            lines: ['@@ -1 +1 @@', '-auto a', '+auto b', ' \ttab'],
          },
        ],
      }),
      step({
        verb: 'problem',
        id: 'vm:n1/300',
        title: 'odd',
        problem: { code: 'E_FOREIGN', message: 'not ours', suggestions: ['take another id'] },
      }),
    )
    assert.equal(
      renderMarkdown(plan, look),
      page(`
      <!-- orion plan a vm apply -->
      ### Plan for \`a\`: \`orion vm apply\`

      **1 to create, 2 to change, 0 to remove, 1 as wanted; 1 waiting; 1 problem**

      \`\`\`text
      This interrupts bridge vmbr1 on n1 for a moment.
      \`\`\`

      | | Kind | Name | Where | Change |
      |:-:|---|---|---|---|
      | \`+\` | \`vm\` | \`proxy\` | \`n1/201\` | \`2 cores\` |
      | \`~\` | \`vm\` | \`router\` | \`n1/200\` | \`memory, cpu\` |
      | \`~\` | \`file-set\` | \`network of n1\` | \`n1/interfaces\` | \`/etc/network/interfaces\` |
      | \`!\` | \`vm\` | \`odd\` | \`n1/300\` | \`not ours\` |

      <details><summary><code>~ vm router (n1/200)</code></summary>

      \`\`\`diff
      # snapshot first
      - memory: 2048
      + memory: 4096
      ! cpu: kvm64 → host waits for a restart
      \`\`\`

      </details>

      <details><summary><code>~ file-set network of n1 (n1/interfaces)</code></summary>

      \`\`\`diff
      ! interrupts bridge vmbr1
      @@ /etc/network/interfaces @@
      @@ -1 +1 @@
      -auto a
      +auto b
           tab
      \`\`\`

      </details>

      <details><summary><code>! vm odd (n1/300)</code></summary>

      \`\`\`diff
      ! not ours
      # Try: take another id
      \`\`\`

      </details>
    `),
    )
  })

  it('is short where nothing is to be done', () => {
    const text = renderMarkdown(planOf(step({ verb: 'keep' })), look)
    assert.match(text, /0 to create, 0 to change, 0 to remove, 1 as wanted\*\*$/)
  })

  it('shows every field of what is new with --verbose', () => {
    const plan = planOf(step({ verb: 'create', brief: '2 cores', differences: [{ field: 'cores', want: '2' }] }))
    assert.doesNotMatch(renderMarkdown(plan, look), /<details>/)
    assert.match(renderMarkdown(plan, { ...look, verbose: true }), /\n\+ cores: 2\n/)
  })

  const SIZES: [what: string, plan: Plan][] = [
    [
      'many steps',
      planOf(...Array.from({ length: 3000 }, (_, at) => step({ id: `vm:n1/${at}`, title: `guest-${at}` }))),
    ],
    [
      'one huge file',
      planOf(
        step({ differences: [{ field: '/etc/a', lines: Array.from({ length: 50_000 }, (_, at) => `+line ${at}`) }] }),
      ),
    ],
    ['one huge line', planOf(step({ differences: [{ field: '/etc/a', lines: [`+${'x'.repeat(200_000)}`] }] }))],
    ['huge words', planOf(step({ title: 'x'.repeat(100_000), brief: 'y'.repeat(100_000), verb: 'create' }))],
    [
      'backticks without end',
      planOf(...Array.from({ length: 9 }, () => step({ differences: [{ field: 'a', want: '`'.repeat(10_000) }] }))),
    ],
    [
      'many that are large',
      planOf(...Array.from({ length: 40 }, () => step({ differences: [{ field: 'a', want: 'z'.repeat(5_000) }] }))),
    ],
  ]
  for (const [what, plan] of SIZES)
    it(`fits into a comment, and says that it is cut: ${what}`, () => {
      const text = renderMarkdown(plan, look)
      assert.ok(text.length <= 60_000, `${text.length}`)
      assert.match(text, /\d+ more|does not fit here|Not everything fits here/)
      assert.equal(text.match(/<details>/g)?.length, text.match(/<\/details>/g)?.length)
    })

  describe('by its own parser', () => {
    before(async function () {
      await needs(this, ['cmark-gfm'])
    })

    const bits = [
      '`',
      '``',
      '```',
      '\n',
      '|',
      '\\',
      '\\|',
      '<script>',
      '</details>',
      '<!--',
      '-->',
      '@team',
      '#1',
      '&lt;',
      '*',
      '_',
      '[a](b)',
      'https://x.y',
      '\t',
      ' ',
      '\u001b[31m',
      '\u202e',
      '~~',
      'é',
      '😀',
    ]
    const hostile = fc.string({ unit: fc.oneof(fc.constantFrom(...bits), fc.string()), maxLength: 12 })
    const differences = fc.array(
      fc.record(
        { field: hostile, have: hostile, want: hostile, disrupts: hostile, lines: fc.array(hostile, { maxLength: 4 }) },
        { requiredKeys: ['field'] },
      ),
      { maxLength: 3 },
    )
    const hostileStep = fc.record({
      id: hostile.map((text) => `vm:${text}` as const),
      title: hostile,
      verb: fc.constantFrom('create' as const, 'update' as const, 'remove' as const),
      brief: hostile,
      precaution: hostile,
      differences,
    })

    it('a file that ends a code block does not end ours', () => {
      const lines = ['```', '<b>bold</b>', '</details>']
      const html = toHtml(renderMarkdown(planOf(step({ differences: [{ field: '/etc/a', lines }] })), look))
      assert.match(html, /&lt;b&gt;bold/)
      assert.doesNotMatch(html, /<b>/)
    })

    it('nothing from outside is Markdown, HTML, a link or a mention', () => {
      fc.assert(
        fc.property(fc.array(hostileStep, { minLength: 1, maxLength: 4 }), (steps) => {
          const text = renderMarkdown(planOf(...steps.map(step)), look)
          const html = toHtml(text)
          const tags = [...html.matchAll(/<(\/?[a-z!][a-z0-9-]*)/gi)].map(([, tag]) => tag?.toLowerCase())
          const known = new Set([
            '!--',
            'h3',
            'p',
            'strong',
            'table',
            'thead',
            'tbody',
            'tr',
            'th',
            'td',
            'details',
            'summary',
            'code',
            'pre',
          ])
          assert.deepEqual(
            tags.filter((tag) => !known.has((tag ?? '').replace('/', ''))),
            [],
            html,
          )
          assert.equal(tags.filter((tag) => tag === 'tr').length, 1 + steps.length, text)
          assert.equal(tags.filter((tag) => tag === 'td').length, 5 * steps.length, text)
          assert.equal(tags.filter((tag) => tag === 'details').length, tags.filter((tag) => tag === '/details').length)
          const outside = html.replaceAll(/<(code)[^>]*>.*?<\/code>/gs, '')
          assert.doesNotMatch(outside, /@team|#1|script/, html)
        }),
        { numRuns: 60 },
      )
    })
  })
})
