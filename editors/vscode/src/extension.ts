import { ExtensionContext, workspace } from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

const SELECTOR = [
  { language: "dockerfile" },
  { pattern: "**/{.,*.,}{docker,container}ignore" },
  { pattern: "**/*compose*.{yml,yaml}" },
  { pattern: "**/*bake*.{hcl,json}" },
  { pattern: "**/{dfguard,.dfguard,pyproject}.toml" },
];
const SERVER_SETTINGS = ["config", "preset", "pedantic", "diagnosticMode", "inlayHints"];

export async function activate(context: ExtensionContext): Promise<void> {
  const command = workspace.getConfiguration("dfguard").get<string>("path") || "dfguard";
  const server: ServerOptions = { command, args: ["lsp"] };
  const options: LanguageClientOptions = {
    documentSelector: SELECTOR,
    middleware: {
      workspace: {
        // What concerns this extension alone is not sent.
        configuration: async (params, token, next) => {
          const found = await next(params, token);
          if (!Array.isArray(found)) {
            return found;
          }
          return found.map((section: Record<string, unknown> | null) =>
            section && Object.fromEntries(SERVER_SETTINGS.filter((key) => key in section).map((key) => [key, section[key]])),
          );
        },
      },
    },
  };
  client = new LanguageClient("dfguard", "dfguard", server, options);
  context.subscriptions.push(client);
  await client.start();
}

export function deactivate(): Thenable<void> | undefined {
  return client?.stop();
}
