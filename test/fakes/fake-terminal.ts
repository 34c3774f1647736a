import { Writable } from 'node:stream'

/** A terminal of some size that hands on what is written to it. */
export class FakeTerminal extends Writable {
  constructor(
    hear: (text: string) => void,
    public columns = 80,
    public rows = 24,
  ) {
    super({
      write: (chunk, _encoding, done) => {
        hear(String(chunk))
        done()
      },
    })
  }

  resize(columns: number, rows: number): void {
    this.columns = columns
    this.rows = rows
    this.emit('resize')
  }
}
