// What stands for something else in ssh_config(5): the home folder, variables of the environment, and tokens such as %h.
import { homedir, hostname, userInfo } from 'node:os'

/** Of whom the tokens speak. */
export interface Target {
  readonly name: string
  readonly alias: string
  readonly host: string
  readonly user: string
  readonly port: number
}

/** `~`, `${VARIABLE}` and the tokens of ssh_config(5). */
export function expand(text: string, { alias, host, user, port }: Target): string {
  const { username, uid } = userInfo()
  const tokens: Readonly<Record<string, string>> = {
    '%': '%',
    d: homedir(),
    h: host,
    i: String(uid),
    k: alias,
    L: hostname().split('.')[0] ?? '',
    l: hostname(),
    n: alias,
    p: String(port),
    r: user,
    u: username,
  }
  return text
    .replace(/^~(?=\/|$)/, homedir())
    .replace(/\$\{(\w+)\}/g, (all, name: string) => process.env[name] ?? all)
    .replace(/%(.)/g, (all, token: string) => tokens[token] ?? all)
}
