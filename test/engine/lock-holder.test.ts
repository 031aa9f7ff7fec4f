// Whether the process that holds a lock still lives.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { getMe, isAlive } from '../../src/engine/lock-holder.ts'

const fieldsOf = (pid: number): string[] => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

describe('engine/lock-holder', () => {
  it('this process lives, and one with its number and another start is somebody else', async () => {
    const me = await getMe('test')
    assert.equal(await isAlive(me), true)
    assert.equal(await isAlive({ ...me, start: '1' }), false)
    assert.deepEqual(Object.keys(me).sort(), ['boot', 'command', 'host', 'pid', 'since', 'start'])
  })

  it('one that has ended, and that nobody has waited for, holds nothing', async function () {
    if (process.platform !== 'linux') this.skip()
    // The shell becomes a program that never waits for the child that the shell began.
    const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const [said] = await once(parent.stdout, 'data')
      const pid = Number(String(said).trim())
      const start = fieldsOf(pid)[19] ?? ''
      for (const end = Date.now() + 15_000; fieldsOf(pid)[0] !== 'Z' && Date.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 20))
      assert.equal(fieldsOf(pid)[0], 'Z')
      const { boot } = await getMe('test')
      assert.equal(await isAlive({ pid, start, boot, host: hostname(), command: '', since: '' }), false)
    } finally {
      parent.kill('SIGKILL')
    }
  })
})
