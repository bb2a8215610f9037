/* A clock in a worker: browsers slow down the timers of a page that is hidden, not those of its workers. */

setInterval(() => self.postMessage(0), 1000);
