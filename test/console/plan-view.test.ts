// The plan as a page: golden text, 80 columns, no colour.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { renderPlan } from '../../src/console/plan-view.ts'
import { clean, getWidth } from '../../src/console/text.ts'
import type { Plan, PlanStep, Verb } from '../../src/engine/plan.ts'
import { page, plain } from './plain.ts'

const step = (id: PlanStep['id'], title: string, verb: Verb, more: Partial<PlanStep> = {}): PlanStep => ({
  id,
  title,
  verb,
  differences: [],
  waits: [],
  needs: [],
  ...more,
})
const calm = Array.from({ length: 17 }, (_, at) => step(`vm:n1/${300 + at}`, `guest-${at}`, 'keep'))
const plan: Plan = {
  site: 'test',
  goal: 'present',
  steps: [
    step('role:Orion', 'Orion', 'create', {
      differences: [
        { field: 'privileges', want: 'VM.Allocate VM.Audit VM.Config.CPU VM.Config.Disk VM.Config.Memory SDN.Use' },
      ],
    }),
    step('vm:n1/200', 'router', 'create', {
      differences: [
        { field: 'cores', want: '4' },
        { field: 'net0', want: 'virtio=02:00:00:2E:AF:11,bridge=vmbr0,tag=20,firewall=1,mtu=1500,queues=4' },
      ],
      waits: [{ field: 'affinity', want: '4 exclusive cores', waits: 'operator' }],
    }),
    step('vm:n1/201', 'dns', 'update', {
      differences: [
        { field: 'memory', have: '2048', want: '4096' },
        { field: 'description', have: 'old', want: 'line one\nline two' },
        { field: 'pool', have: 'lab' },
        { field: 'sshkeys', have: `ssh-ed25519 ${'A'.repeat(60)} one`, want: `ssh-ed25519 ${'B'.repeat(300)} two` },
      ],
      waits: [{ field: 'balloon', have: '0', want: '1024', waits: 'restart' }],
    }),
    step('ct:n1/202', 'web', 'keep', { waits: [{ field: 'cores', have: '1', want: '2', waits: 'restart' }] }),
    ...calm,
    step('vm:n2/400', 'db', 'problem', {
      problem: {
        code: 'E_FOREIGN',
        message: 'VMID 400 on n2 is taken by mail, which is not of this site',
        suggestions: ['take another VMID'],
      },
    }),
    ...['a', 'b'].map((name) =>
      step(`vm:n3/${name}`, name, 'problem', {
        problem: { code: 'E_PVE_UNREACHABLE', message: 'n3 does not answer', suggestions: [] },
      }),
    ),
  ],
}

const golden = page(`
        + role  Orion
            privileges  VM.Allocate VM.Audit VM.Config.CPU VM.Config.Disk
                        VM.Config.Memory SDN.Use

        + vm    router  n1/200
            cores     4
            net0      virtio=02:00:00:2E:AF:11,bridge=vmbr0,tag=20,firewall=1,
                      mtu=1500,queues=4
            affinity  4 exclusive cores (yours to do)

        ~ vm    dns     n1/201
            memory       2048 → 4096
            description  old → line one\\nline two
            pool         lab → none
            sshkeys      ssh-ed25519
                         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
                         one
                         → ssh-ed25519
                           BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                           BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB
                           BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB…
            balloon      0 → 1024 (restart)

        = ct    web     n1/202
            cores  1 → 2 (restart)

        = 17 as wanted

        ! vm    db      n2/400
            VMID 400 on n2 is taken by mail, which is not of this site
            Try: take another VMID

        ! vm    a       n3/a
        ! vm    b       n3/b
            n3 does not answer

      Plan: 2 to create, 1 to change, 0 to remove, 18 as wanted; 3 waiting; 3 problems
`)

describe('console/plan-view', () => {
  it('names only the file of what has its own plan right after this one', () => {
    const file = { field: '/etc/orion/mesh/bird.conf', have: '2 lines (a)', want: '3 lines (b)', lines: ['+ new line'] }
    const one = {
      ...plan,
      steps: [step('file-set:kel-1/mesh', 'kel-1', 'keep', { waits: [{ ...file, waits: 'turn' }] })],
    }
    assert.match(renderPlan(one, plain), /bird\.conf[\s\S]*new line/)
    const short = renderPlan(one, { ...plain, goesOn: true })
    assert.match(short, /bird\.conf[\s\S]*3 lines \(b\)/)
    assert.ok(!short.includes('new line'))
  })

  it('shows what would change, field by field', () => assert.equal(renderPlan(plan, plain), golden))

  it('is the same in colour, but for the colours', () => {
    const coloured = renderPlan(plan, { ...plain, colour: true })
    assert.notEqual(coloured, golden)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    assert.equal(coloured.replaceAll(/\u001b\[\d+m/g, ''), golden)
  })

  it('nothing to do is one calm line and the sum', () => {
    const text = renderPlan({ site: 'test', goal: 'present', steps: calm }, plain)
    assert.equal(text, '  = 17 as wanted\n\nPlan: 0 to create, 0 to change, 0 to remove, 17 as wanted')
  })

  it('verbose names also what is as wanted', () => {
    const text = renderPlan({ site: 'test', goal: 'present', steps: calm.slice(0, 2) }, { ...plain, verbose: true })
    const lines = ['  = vm  guest-0  n1/300', '  = vm  guest-1  n1/301', '']
    assert.deepEqual(text.split('\n').slice(0, 3), lines)
  })

  it('an empty plan is one line', () => {
    const text = renderPlan({ site: 'test', goal: 'present', steps: [] }, plain)
    assert.equal(text, 'Plan: 0 to create, 0 to change, 0 to remove, 0 as wanted')
  })

  it('what it interrupts stands beside each step, and in a sentence before the question', () => {
    const field = (disrupts?: string) => ({
      field: '/etc/network/interfaces',
      have: '8 lines (a1b2c3)',
      want: '9 lines (d4e5f6)',
      ...(disrupts ? { disrupts } : {}),
    })
    const steps = [
      step('file-set:r730/interfaces', 'interfaces', 'update', {
        differences: [field('your own path to r730'), { ...field('your own path to r730'), lines: ['-a', '+b'] }],
      }),
      step('file-set:n2/interfaces', 'interfaces', 'update', { differences: [field('bridge vmbr1 (3 guests)')] }),
      step('file-set:n3/interfaces', 'interfaces', 'update', { differences: [field()] }),
    ]
    const text = renderPlan({ site: 'test', goal: 'present', steps }, { ...plain, confirmSeconds: 120 })
    const golden = page(`
        ~ file-set  interfaces  r730/interfaces
            interrupts your own path to r730
            /etc/network/interfaces  8 lines (a1b2c3) → 9 lines (d4e5f6)
            /etc/network/interfaces  8 lines (a1b2c3) → 9 lines (d4e5f6)
              -a
              +b

        ~ file-set  interfaces  n2/interfaces
            interrupts bridge vmbr1 (3 guests)
            /etc/network/interfaces  8 lines (a1b2c3) → 9 lines (d4e5f6)

        ~ file-set  interfaces  n3/interfaces
            /etc/network/interfaces  8 lines (a1b2c3) → 9 lines (d4e5f6)

      Plan: 0 to create, 3 to change, 0 to remove, 0 as wanted
      This interrupts bridge vmbr1 (3 guests) on n2 for a moment.
      This interrupts your own path to r730; it comes back by itself at the latest
      after 120 s.
    `)
    assert.equal(text, golden)
  })

  it('what comes before a change stands under its head', () => {
    const precaution = 'no snapshot: not every disk of it can have one (scsi0 on files)'
    const differences = [{ field: 'cores', have: '1', want: '2' }]
    const text = renderPlan(
      { site: 'test', goal: 'present', steps: [step('vm:n1/200', 'web', 'update', { differences, precaution })] },
      plain,
    )
    assert.match(text, /^ {2}~ vm +web +n1\/200\n {6}no snapshot: not every disk .*\n {6}cores +1 → 2$/m)
  })

  it('removal', () => {
    const steps = [step('vm:n1/200', 'router', 'remove'), step('vm:n1/201', 'dns', 'keep')]
    const text = renderPlan({ site: 'test', goal: 'absent', steps }, plain)
    assert.equal(text, '  - vm  router  n1/200\n  = 1 not there\n\nPlan: 1 to remove, 1 not there')
  })

  it('no value ever breaks out of the width or of its line', () => {
    const text = fc.string({ maxLength: 300, unit: 'grapheme' })
    const row = fc.record({ field: text, have: fc.option(text, { nil: undefined }), want: text })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 60, max: 120 }), (rows, width) => {
        const differences = rows.map(({ have, ...rest }) => ({ ...rest, ...(have === undefined ? {} : { have }) }))
        const precaution = rows[0]?.want ?? 'snapshot first'
        const steps = [step('vm:n1/1', 'router', 'update', { differences, precaution })]
        for (const line of renderPlan({ site: 'x', goal: 'present', steps }, { width, colour: false }).split('\n')) {
          assert.ok(line.startsWith('Plan:') || getWidth(line) <= width, line)
          assert.equal(clean(line), line)
        }
      }),
    )
  })
})
