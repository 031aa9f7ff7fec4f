// A terminal as a person has one: a shell in tmux, keys that are typed, and what then stands on the screen.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { BIN } from './orion.ts'

export interface Pane {
  /** Types keys as tmux names them (`Enter`, `Escape`, `C-c`, `Down`); other words as they stand. */
  press(...keys: readonly string[]): Promise<void>
  /** Waits until the screen shows this, and gives it. */
  until(wanted: RegExp, ms?: number): Promise<string>
  /** Everything since the shell began. */
  text(): Promise<string>
  close(): Promise<void>
}

const COLUMNS = 80
const ROWS = 50
const EVERY_MS = 100

/** Opens a shell in a folder, in which `orion` is the built one. tmux itself lives in that folder, too. */
export async function openPane(folder: string, env: NodeJS.ProcessEnv): Promise<Pane> {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'orion'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
  chmodSync(join(bin, 'orion'), 0o755)
  const socket = join(folder, 'tmux')
  const tmux = (...args: string[]) => execa('tmux', ['-S', socket, '-f', '/dev/null', ...args])
  const all = { ...env, PATH: `${bin}:${process.env.PATH}`, PS1: '$ ', ENV: '' }
  const words = Object.entries(all).map(([name, value]) => `${name}=${value}`)
  const shell = ['env', '-u', 'NODE_EXTRA_CA_CERTS', ...words, 'sh']
  await tmux('new-session', '-d', '-x', `${COLUMNS}`, '-y', `${ROWS}`, '-c', folder, ...shell)
  await tmux('set-option', '-g', 'history-limit', '10000')
  const capture = async (...more: string[]) => (await tmux('capture-pane', '-p', '-J', ...more)).stdout.trimEnd()
  return {
    press: async (...keys) => {
      for (const key of keys) await tmux('send-keys', ...(/^([A-Z]\w+|C-\w)$/.test(key) ? [] : ['-l']), key)
    },
    until: async (wanted, ms = 120_000) => {
      const end = Date.now() + ms
      for (;;) {
        const screen = await capture()
        if (wanted.test(screen)) return screen
        if (Date.now() > end) throw new Error(`the screen never showed ${wanted}:\n${screen}`)
        await sleep(EVERY_MS)
      }
    },
    text: () => capture('-S', '-'),
    close: async () => {
      await tmux('kill-server').catch(() => {})
    },
  }
}
