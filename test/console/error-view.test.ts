// Errors as text: what to do next, and a stack only under DEBUG.
import assert from 'node:assert/strict'
import { renderError } from '../../src/console/error-view.ts'
import { OrionError } from '../../src/errors.ts'
import { page, plain } from './plain.ts'

const calm = { ...plain, debug: false }

describe('console/error-view', () => {
  it('an error of ours, with suggestions and its code', () => {
    const message = 'cannot create vm router (n1/200): the token orion@pve!orion may not allocate guests on n1'
    const error = new OrionError(message, {
      code: 'E_PVE_DENIED',
      suggestions: ['run: orion bootstrap access', 'look at the ACLs of /vms'],
    })
    const golden = page(`
      Error: cannot create vm router (n1/200): the token orion@pve!orion may not
             allocate guests on n1
        Try: run: orion bootstrap access
        Try: look at the ACLs of /vms
        (orion help errors E_PVE_DENIED)
    `)
    assert.equal(renderError(error, calm), golden)
  })

  it('commands in suggestions are made complete', () => {
    const error = new OrionError('vmbr1 does not exist', { code: 'E_TASK', suggestions: ['orion net apply'] })
    const text = renderError(error, { ...calm, complete: (hint) => `${hint} --lab` })
    assert.match(text, /Try: orion net apply --lab\n/)
  })

  it('findings stand before it as they are', () => {
    const error = new OrionError('the site file has 1 error', { code: 'E_SITE' })
    const finding = 'site.yaml:12:5: unknown key "memroy"\n  11 |   <<: *d\n> 12 |   memroy: 2048'
    assert.equal(
      renderError(error, { ...calm, findings: [finding] }),
      `${finding}\n\nError: the site file has 1 error\n  (orion help errors E_SITE)`,
    )
  })

  it('several lines stay several lines', () => {
    const error = new OrionError('the plan has 2 problems\n  one\n  two', { code: 'E_PLAN' })
    assert.equal(
      renderError(error, calm),
      'Error: the plan has 2 problems\n         one\n         two\n  (orion help errors E_PLAN)',
    )
  })

  it('anything else is a bug, without its stack', () => {
    const text = renderError(new TypeError('x is not a function'), calm)
    assert.match(text, /^Error: something unexpected happened: x is not a function\n {2}Try: /)
    assert.doesNotMatch(text, / at /)
    assert.match(renderError('thrown text', calm), /thrown text/)
  })

  it('under DEBUG the stacks of the error and of its causes', () => {
    const error = new OrionError('outer', { code: 'E_TASK', cause: new Error('inner') })
    const text = renderError(error, { ...plain, debug: true })
    assert.match(text, /OrionError: outer\n +at /)
    assert.match(text, /Error: inner\n +at /)
  })

  it('does not let a terminal obey a message', () => {
    const error = new OrionError('answer: \u001b[2Jx \u0007', { code: 'E_PVE_ANSWER' })
    assert.equal(renderError(error, calm), 'Error: answer: x ?\n  (orion help errors E_PVE_ANSWER)')
  })
})
