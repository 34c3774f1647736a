/**
 * A polkit authentication agent for the desktop session it runs in, such as a desktop brings along, without its
 * dialog: the administrator's password comes as the first line of standard input. Who may do what is polkitd's to
 * judge, and whether the password is right is PAM's, asked through polkit's own setuid helper. Says one JSON line
 * when it stands, and one for each question.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import dbus from '@particle/dbus-next'

const { Message, Variant, systemBus } = dbus
const path = '/org/millwright/TestAgent'
const lines = createInterface({ input: process.stdin })
const password = await new Promise((resolve) => lines.once('line', resolve))

const bus = systemBus()
bus.addMethodHandler((message) => {
  if (message.interface !== 'org.freedesktop.PolicyKit1.AuthenticationAgent') return false
  const reply = () => bus.send(Message.newMethodReturn(message, '', []))
  if (message.member === 'BeginAuthentication') {
    const [action, text, , , cookie, identities] = message.body
    say({ asked: action, text })
    authenticate(cookie, nameOf(identities[0])).then((ok) => {
      say({ answered: action, ok })
      reply()
    })
  } else reply()
  return true
})
const subject = ['unix-session', { 'session-id': new Variant('s', process.env.XDG_SESSION_ID) }]
await bus.call(
  new Message({
    destination: 'org.freedesktop.PolicyKit1',
    path: '/org/freedesktop/PolicyKit1/Authority',
    interface: 'org.freedesktop.PolicyKit1.Authority',
    member: 'RegisterAuthenticationAgent',
    signature: '(sa{sv})ss',
    body: [subject, 'C', path],
  }),
)
say({ ready: true })

function nameOf([kind, details]) {
  if (kind !== 'unix-user') throw new Error(`an administrator that is a ${kind}`)
  return execFileSync('getent', ['passwd', String(details.uid.value)], { encoding: 'utf8' }).split(':')[0]
}

/** Speaks the protocol of polkit-agent-helper-1(8): cookie first, then PAM's prompts, SUCCESS or FAILURE last. */
function authenticate(cookie, user) {
  const helper = spawn('/usr/lib/polkit-1/polkit-agent-helper-1', [user], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  helper.stdin.write(`${cookie}\n`)
  return new Promise((resolve) => {
    createInterface({ input: helper.stdout }).on('line', (line) => {
      if (line.startsWith('PAM_PROMPT_ECHO_OFF')) helper.stdin.write(`${password}\n`)
      if (line === 'SUCCESS' || line === 'FAILURE') resolve(line === 'SUCCESS')
    })
  })
}

function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}
