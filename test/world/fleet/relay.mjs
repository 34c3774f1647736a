// Carries connections from a Unix socket, which every network namespace sees, to a TCP address that only the
// namespace sees in which this runs: `node relay.mjs SOCKET HOST PORT`. Ends when its standard input does.
import { connect, createServer } from 'node:net'
import { pipeline } from 'node:stream'

const [socket, host, port] = process.argv.slice(2)
createServer({ allowHalfOpen: true }, (near) => {
  const far = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true })
  const end = () => {
    near.destroy()
    far.destroy()
  }
  pipeline(near, far, (error) => error && end())
  pipeline(far, near, (error) => error && end())
}).listen(socket, () => console.log('listening'))
process.stdin.on('end', () => process.exit()).resume()
