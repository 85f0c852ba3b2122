// contextwalk answers, for each line of JSON {"root": folder, "ignore": text, "match": [path]} on
// standard input, which paths the docker client would send, as one line of JSON.
//
// Texts are Go byte strings written as Latin-1: one character stands for one byte, so that names
// which are not UTF-8 survive JSON.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
)

type question struct {
	Root, Ignore string
	Match        []string
}

type answer struct {
	Patterns []string `json:"patterns"`
	Kept     []string `json:"kept"`
	Matches  []bool   `json:"matches"`
	Error    string   `json:"error"`
}

func toBytes(text string) string {
	out := make([]byte, 0, len(text))
	for _, char := range text {
		out = append(out, byte(char))
	}
	return string(out)
}

func toText(bytes string) string {
	out := make([]rune, len(bytes))
	for i := 0; i < len(bytes); i++ {
		out[i] = rune(bytes[i])
	}
	return string(out)
}

// travel is what happens to patterns between the frontend and the client: llb.ExcludePatterns
// writes them as JSON, which makes U+FFFD of each byte that is not UTF-8.
func travel(patterns []string) (out []string) {
	text, _ := json.Marshal(patterns)
	json.Unmarshal(text, &out)
	return out
}

func walk(root string, patterns []string) (kept []string, err error) {
	filter := &fsutil.FilterOpt{ExcludePatterns: travel(patterns)}
	err = fsutil.WalkDir(context.Background(), root, filter, func(path string, _ fs.DirEntry, err error) error {
		kept = append(kept, toText(path))
		return err
	})
	return kept, err
}

func match(patterns, paths []string) (out []bool, err error) {
	matcher, err := patternmatcher.New(travel(patterns))
	for i := 0; err == nil && i < len(paths); i++ {
		var hit bool
		hit, err = matcher.MatchesOrParentMatches(toBytes(paths[i]))
		out = append(out, hit)
	}
	return out, err
}

func reply(q question) (r answer) {
	patterns, err := ignorefile.ReadAll(strings.NewReader(toBytes(q.Ignore)))
	for _, pattern := range patterns {
		r.Patterns = append(r.Patterns, toText(pattern))
	}
	if err == nil && q.Root != "" {
		r.Kept, err = walk(toBytes(q.Root), patterns)
	}
	if err == nil && len(q.Match) > 0 {
		r.Matches, err = match(patterns, q.Match)
	}
	if err != nil {
		r.Error = toText(err.Error())
	}
	return r
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		encoder.Encode(reply(q))
		out.Flush()
	}
}
