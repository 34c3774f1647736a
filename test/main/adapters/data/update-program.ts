import { createRecords } from '../../../../main/adapters/data/records'

/** Adds wishes one by one, as a terminal beside the app may. Arguments: the folder, a word, how many. */
const [dir = '', word = '', count = '0'] = process.argv.slice(2)
const records = createRecords({ dir })
for (let at = 0; at < Number(count); at++)
  await records.updateSubstituters((ids) => [...ids, `${word}-${at}`])
