import { createShop } from './shop.js'
import { readOptions } from './options.js'

const options = readOptions(process.argv.slice(2))
const server = createShop(options).listen(options.port, '127.0.0.1', () => {
  console.log(`storefront listens on http://127.0.0.1:${server.address().port}`)
})
