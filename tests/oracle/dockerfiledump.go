// dockerfiledump says how BuildKit reads Dockerfiles, for each path on standard input one line of JSON.
//
// "dockerfiledump words" expands instead: for each line of JSON {"word": text, "variables": {name:
// value}, "escape": character} what the shell lexer makes of the word, as one line of JSON.
//
// Texts are Go byte strings written as Latin-1: one character stands for one byte, so that what is
// not UTF-8 survives JSON.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

type heredoc struct {
	Name    string `json:"name"`
	Content string `json:"content"`
	Expand  bool   `json:"expand"`
	Chomp   bool   `json:"chomp"`
}

type instruction struct {
	Keyword  string       `json:"keyword"`
	Start    int          `json:"start"`
	End      int          `json:"end"`
	Flags    []string     `json:"flags"`
	JSON     bool         `json:"json"`
	Words    []string     `json:"words"`
	Heredocs []heredoc    `json:"heredocs"`
	Trigger  *instruction `json:"trigger"`
}

type reading struct {
	Path         string        `json:"path"`
	Escape       string        `json:"escape"`
	Instructions []instruction `json:"instructions"`
	Error        string        `json:"error"`
	Line         int           `json:"line"` // of the error, 0 where the parser names none
}

type question struct {
	Word, Escape string
	Variables    map[string]string
}

type answer struct {
	Value string `json:"value"`
	Error string `json:"error"`
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

func describe(node *parser.Node) instruction {
	out := instruction{
		Keyword: toText(node.Value), Start: node.StartLine, End: node.EndLine,
		JSON: node.Attributes["json"], Flags: []string{}, Words: []string{}, Heredocs: []heredoc{},
	}
	for _, flag := range node.Flags {
		out.Flags = append(out.Flags, toText(flag))
	}
	for word := node.Next; word != nil; word = word.Next {
		if len(word.Children) > 0 {
			trigger := describe(word.Children[0])
			out.Trigger = &trigger
			continue
		}
		out.Words = append(out.Words, toText(word.Value))
	}
	for _, doc := range node.Heredocs {
		out.Heredocs = append(out.Heredocs, heredoc{toText(doc.Name), toText(doc.Content), doc.Expand, doc.Chomp})
	}
	return out
}

func read(path string) reading {
	out := reading{Path: path, Instructions: []instruction{}}
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		out.Error = toText(err.Error())
		var located *parser.ErrorLocation
		if errors.As(err, &located) && len(located.Locations) > 0 && len(located.Locations[0]) > 0 {
			out.Line = located.Locations[0][0].Start.Line
		}
		return out
	}
	out.Escape = string(parsed.EscapeToken)
	for _, node := range parsed.AST.Children {
		out.Instructions = append(out.Instructions, describe(node))
	}
	return out
}

func expand(q question) (out answer) {
	defer func() { // some words make the lexer panic, such as ${A#}
		if reason := recover(); reason != nil {
			out = answer{Error: fmt.Sprint("panic: ", reason)}
		}
	}()
	variables := map[string]string{}
	for name, value := range q.Variables {
		variables[toBytes(name)] = toBytes(value)
	}
	value, err := shell.NewLex(rune(q.Escape[0])).ProcessWordWithMap(toBytes(q.Word), variables)
	if err != nil {
		return answer{Error: toText(err.Error())}
	}
	return answer{Value: toText(value)}
}

func main() {
	words := len(os.Args) > 1 && os.Args[1] == "words"
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		if !words {
			encoder.Encode(read(lines.Text()))
			continue
		}
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		encoder.Encode(expand(q))
	}
}
