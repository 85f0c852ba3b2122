-- Open, see, hover, mend, save and see it gone; each step is a line of JSON on standard output.
local started = vim.loop.hrtime()
local function say(step, value)
  io.stdout:write(vim.fn.json_encode({ step = step, value = value, ms = math.floor((vim.loop.hrtime() - started) / 1e6) }) .. '\n')
end
local file = vim.env.DFGUARD_FILE
vim.cmd('edit ' .. file)
local id = vim.lsp.start_client({ name = 'dfguard', cmd = { vim.env.DFGUARD_PYTHON, '-m', 'dfguard', 'lsp' }, root_dir = vim.fn.getcwd() })
vim.lsp.buf_attach_client(0, id)
local client = vim.lsp.get_client_by_id(id)
local function codes()
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(0)) do
    local code = each.code or (each.user_data and each.user_data.lsp and each.user_data.lsp.code)
    found[#found + 1] = tostring(code)
  end
  table.sort(found)
  return table.concat(found, ' ')
end
local function ask(method, params)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, 20000) or {}) do
    return answer.result
  end
end
vim.wait(40000, function() return #vim.diagnostic.get(0) > 0 end, 20)
say('seen', codes())
local here = { textDocument = vim.lsp.util.make_text_document_params(0) }
local hover = ask('textDocument/hover', vim.tbl_extend('error', here, { position = { line = 2, character = 6 } }))
say('hover', hover and hover.contents.value or '')
for _ = 1, 3 do
  if #vim.diagnostic.get(0) > 0 then
    local before = codes()
    local range = { start = { line = 0, character = 0 }, ['end'] = { line = vim.fn.line('$') - 1, character = 0 } }
    local wanted = { context = { diagnostics = {}, only = { 'quickfix' } }, range = range }
    local actions = ask('textDocument/codeAction', vim.tbl_extend('error', here, wanted)) or {}
    for _, action in ipairs(actions) do
      if action.edit and action.kind == 'quickfix' then
        say('action', action.title)
        vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding or 'utf-16')
        break
      end
    end
    vim.wait(20000, function() return codes() ~= before end, 20)
  end
end
say('left', codes())
vim.cmd('silent write')
say('saved', table.concat(vim.fn.readfile(file), '\n'))
vim.lsp.stop_client(id)
vim.wait(5000, function() return vim.lsp.get_client_by_id(id) == nil or client.is_stopped() end, 20)
vim.cmd('qa!')
