/** `npm run world -- up|down|list|sh NAME|exec NAME CMD…`: the pocket fleet, to play with. */
import { register } from 'tsx/esm/api'

register()
await import('../test/world/fleet/cli.ts')
