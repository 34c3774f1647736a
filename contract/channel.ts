/** Names of the messages between main and window: commands up, snapshots and directions down. */
export type Channel = 'millwright:call' | 'millwright:snapshot' | 'millwright:navigate'
