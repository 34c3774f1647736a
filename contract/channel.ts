/** Names of the messages between main and window: commands up, changes of the snapshot and directions down. */
export type Channel = 'millwright:call' | 'millwright:delta' | 'millwright:navigate'
