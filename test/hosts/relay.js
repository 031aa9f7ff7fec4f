// Joins stdin and stdout to a TCP port: ssh's ProxyCommand, run inside the network namespace that reaches the test hosts.
import { connect } from 'node:net'

const [host, port] = process.argv.slice(2)
const socket = connect({ host, port: Number(port), noDelay: true })
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
socket.on('close', () => process.exit(0))
process.stdin.pipe(socket).pipe(process.stdout)
