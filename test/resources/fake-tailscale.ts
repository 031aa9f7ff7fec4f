// Tailscale's program as its documentation has it, for one host: strict about flags, keys and what it was not told.

/** Node's; its state and a log of every call lie in `dir`. Only this key logs in. */
export function fakeTailscale(dir: string, key: string): Readonly<Record<string, string>> {
  // tsx gives every function its name through a helper of its own.
  const text = `#!${process.execPath}\nconst __name = (one) => one\n;(${program})(${JSON.stringify({ dir, key })})\n`
  return { tailscale: text, systemctl: systemctl(dir) }
}

const systemctl = (dir: string): string =>
  `#!/bin/sh\necho "systemctl $*" >>${dir}/calls\n[ "$*" = "enable --now --quiet tailscaled.service" ] && : >${dir}/daemon\n`

/** Written out as text: nothing from outside of it. */
const program = ({ dir, key }: { dir: string; key: string }): void => {
  const fs = process.getBuiltinModule('node:fs')
  const [command = '', ...rest] = process.argv.slice(2)
  fs.appendFileSync(`${dir}/calls`, `tailscale ${process.argv.slice(2).join(' ')}\n`)
  const fail = (text: string, code = 1): never => {
    process.stderr.write(`${text}\n`)
    process.exit(code)
  }
  const file = `${dir}/state.json`
  const DEFAULTS = { AdvertiseRoutes: null, AdvertiseTags: null, CorpDNS: true, RouteAll: false, ShieldsUp: false }
  interface State {
    backend: string
    prefs: Record<string, unknown>
  }
  const read = (): State =>
    fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { backend: 'NeedsLogin', prefs: { ...DEFAULTS } }
  const write = (state: State) => fs.writeFileSync(file, JSON.stringify(state))
  if (!fs.existsSync(`${dir}/daemon`)) fail("failed to connect to local tailscaled; it doesn't appear to be running")
  const state = read()

  const list = (text: string) => (text === '' ? null : text.split(','))
  const routes = (text: string) => {
    for (const route of list(text) ?? []) {
      const [address = '', bits] = route.split('/')
      if (bits === undefined || (!address.endsWith('.0') && !address.endsWith('::')))
        fail(`${route} has non-address bits set; expected ${address}/${bits ?? ''}`)
    }
    return list(text)
  }
  const tags = (text: string) => {
    for (const tag of list(text) ?? [])
      if (!/^tag:[a-zA-Z][a-zA-Z0-9-]*$/.test(tag)) fail(`tag: "${tag}": tags must start with 'tag:'`)
    return list(text)
  }
  const FLAGS: Record<string, [string, (text: string) => unknown]> = {
    'accept-dns': ['CorpDNS', (text) => text === 'true'],
    'accept-routes': ['RouteAll', (text) => text === 'true'],
    'shields-up': ['ShieldsUp', (text) => text === 'true'],
    'advertise-routes': ['AdvertiseRoutes', routes],
    'advertise-tags': ['AdvertiseTags', tags],
  }
  const given = (known: readonly string[]) => {
    const pairs = rest.map((word): [string, string] => {
      const [, name = '', value = 'true'] =
        /^--?([a-z-]+)(?:=(.*))?$/.exec(word) ?? fail(`too many non-flag arguments: ["${word}"]`)
      if (!known.includes(name)) fail(`flag provided but not defined: -${name}`, 2)
      return [name, value]
    })
    return new Map(pairs)
  }
  const merge = (flags: ReadonlyMap<string, string>) => {
    for (const [name, value] of flags) {
      const [pref, parse] = FLAGS[name] ?? []
      if (pref && parse) state.prefs[pref] = parse(value)
    }
  }

  const up = () => {
    const flags = given([...Object.keys(FLAGS), 'auth-key', 'timeout', 'force-reauth', 'reset'])
    if (flags.size === 0 && state.backend !== 'NeedsLogin') return write({ ...state, backend: 'Running' })
    const unsaid = Object.entries(FLAGS).filter(([name, [pref]]) => {
      const isDefault = JSON.stringify(state.prefs[pref]) === JSON.stringify(DEFAULTS[pref as keyof typeof DEFAULTS])
      return !flags.has(name) && !isDefault
    })
    if (unsaid.length > 0 && !flags.has('reset'))
      fail(
        `Error: changing settings via 'tailscale up' requires mentioning all\nnon-default flags. (--${unsaid.map(([name]) => name).join(', --')})`,
      )
    const text = flags.get('auth-key') ?? fail('To authenticate, visit: https://login.example.net/')
    const path = text.startsWith('file:') ? text.slice(5) : undefined
    if (path !== undefined && (fs.statSync(path).mode & 0o077) !== 0) fail(`${path} is open to others`)
    const presented = path === undefined ? text : fs.readFileSync(path, 'utf8').trim()
    if (presented !== key) fail(`backend error: invalid key: unable to validate API key: ${presented}`)
    merge(flags)
    write({ ...state, backend: 'Running' })
  }
  const set = () => {
    const flags = given(Object.keys(FLAGS).filter((name) => name !== 'advertise-tags'))
    if (flags.size === 0) fail('USAGE\n  tailscale set [flags]', 2)
    merge(flags)
    write(state)
  }
  if (command === 'status' && rest.join() === '--json')
    console.log(JSON.stringify({ BackendState: state.backend, Peer: null }))
  else if (command === 'debug' && rest.join() === 'prefs') console.log(JSON.stringify(state.prefs))
  else if (command === 'up') up()
  else if (command === 'set') set()
  else if (command === 'logout') write({ backend: 'NeedsLogin', prefs: { ...DEFAULTS } })
  else fail(`tailscale: unknown subcommand: ${command}`)
}
