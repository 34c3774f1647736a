import type { ScriptTexts } from '../../../core/provision/script'
import collect from '../../../remote/collect.sh?raw'
import common from '../../../remote/common.sh?raw'
import inspect from '../../../remote/inspect.sh?raw'
import jump from '../../../remote/jump.sh?raw'
import probe from '../../../remote/probe.sh?raw'
import provision from '../../../remote/provision.sh?raw'
import serve from '../../../remote/serve.sh?raw'
import substituter from '../../../remote/substituter.sh?raw'
import unprovision from '../../../remote/unprovision.sh?raw'

/** The scripts as they lie in `remote/`, taken in when the app is built: what is read is what runs. */
export const remoteScripts: ScriptTexts = {
  collect,
  common,
  inspect,
  jump,
  probe,
  provision,
  serve,
  substituter,
  unprovision,
}
