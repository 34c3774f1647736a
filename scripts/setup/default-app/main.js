// What Electron runs when it is started as `electron FOLDER`: gives the process the name, version and paths of
// the app in FOLDER and loads it. The stand-in runtime comes without one.
const { existsSync, readFileSync } = require('node:fs')
const { join, resolve } = require('node:path')
const { app } = require('electron')

const chosen = process.argv.slice(1).find((word) => !word.startsWith('-'))
if (chosen === undefined) {
  console.error('usage: electron [OPTIONS] FOLDER')
  process.exit(2)
}
const target = resolve(chosen)
const noteFile = join(target, 'package.json')
if (existsSync(noteFile)) {
  const { name, productName, version, main } = JSON.parse(readFileSync(noteFile, 'utf8'))
  app.setName(productName ?? name)
  if (version) app.setVersion(version)
  app.setAppPath(target)
  require(join(target, main ?? 'index.js'))
} else {
  require(target)
}
