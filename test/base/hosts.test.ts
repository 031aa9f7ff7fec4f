// The hosts of a site: one for each name, opened when it is asked for, and one question for all of them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type HostsOptions, toOptions } from '../../src/base/host-options.ts'
import { askOnce, makeHosts } from '../../src/base/hosts.ts'
import { parse, siteText } from '../site/site-text.ts'

const site = await parse(
  siteText({
    nodes: 'nodes: { n1: { address: 10.0.0.2 } }',
    guests: 'guests: { router: { id: 200, nics: { lan: 10.0.0.20 } } }',
  }),
)

const options: HostsOptions = {
  access: undefined,
  signal: new AbortController().signal,
  command: 'net apply',
  secret: async () => '',
  ask: async () => undefined,
  askYes: async () => false,
}
const nobody = async () => {
  throw new Error('not reached through a node')
}
const of = (name: string, more: Partial<HostsOptions> = {}) => toOptions(site, name, { ...options, ...more }, nobody)

describe('base/hosts', () => {
  it('a question is put once, however many hosts have it', async () => {
    const put: string[] = []
    const ask = askOnce(async (question) => {
      put.push(question)
      return `answer ${put.length}`
    })
    assert.deepEqual(await Promise.all(['a', 'a', 'b'].map(ask)), ['answer 1', 'answer 1', 'answer 2'])
    assert.deepEqual(put, ['a', 'b'])
  })

  it('a mistyped passphrase: asked for again in other words, once for all hosts', async () => {
    const put: string[] = []
    const ask = askOnce(async (question) => `answer ${put.push(question)}`)
    for (const name of ['n1', 'router']) {
      const { passphrase } = of(name, { ask })
      assert.deepEqual([await passphrase?.('/k', 1), await passphrase?.('/k', 2)], ['answer 1', 'answer 2'])
    }
    assert.deepEqual(put, ['Passphrase of /k:', 'Passphrase of /k (that was a wrong one; attempt 2 of 3):'])
    assert.equal(of('router').place, 'guests.router.ssh')
  })

  it('one host per name', async () => {
    const hosts = makeHosts(site, options)
    assert.equal(await hosts.host('n1'), await hosts.host('n1'))
    await assert.rejects(hosts.host('nobody'), { code: 'E_SITE' })
    hosts.forget()
    await hosts.close()
  })

  it('one that nobody is asked for is the open one, else one of its own', async () => {
    const hosts = makeHosts(site, options)
    const quiet = await hosts.quiet('n1')
    const open = await hosts.host('n1')
    assert.notEqual(quiet, open)
    assert.equal(await hosts.quiet('n1'), open)
    await hosts.close()
  })

  it('does not load ssh2 before a host is asked for', () => {
    const base = fileURLToPath(new URL('../../src/base/', import.meta.url))
    const script = `await import('${base}hosts.ts'); await import('${base}session.ts')
      const { createRequire } = await import('node:module')
      const cache = Object.keys(createRequire('${base}x.js').cache)
      process.exit(cache.some((file) => file.includes('/ssh2/')) ? 1 : 0)`
    execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], { stdio: 'inherit' })
  })
})
