package watcher

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"headwatch"
	"headwatch/config"
)

// misbehaviour is one way in which an endpoint is not honest. lives and stands are the verdicts while the true chain does
// so, for n = 1 to 5 endpoints and, of each n, for 1 to n endpoints that misbehave together.
type misbehaviour struct {
	name          string
	proof         int // proof_of_life
	say           func(s *scene, endpoint string, head uint64, beat int)
	lives, stands string
}

// Letters of the verdicts.
const (
	letterLive    = 'L'
	letterStalled = 'S'
	letterBlind   = 'b'
	letterUnknown = '?'
	letterOther   = 'x'
)

// The chain is honest up to block 100, at beat 0. A beat is a second.
var misbehaviours = []misbehaviour{
	{
		"times out", 1,
		func(s *scene, e string, _ uint64, _ int) { s.fails(headwatch.FaultTimeout, e) },
		"b Lb LLb LLLb LLLLb", "b bb Sbb Sbbb SSbbb",
	},
	{
		"is on another chain id", 1,
		func(s *scene, e string, _ uint64, _ int) { s.fails(headwatch.FaultWrongChain, e) },
		"b Lb LLb LLLb LLLLb", "b bb Sbb Sbbb SSbbb",
	},
	{
		"says that it is syncing, and stands", 1,
		func(s *scene, e string, _ uint64, _ int) {
			s.view.Observe(headwatch.Observation{
				Endpoint: e, At: s.now, Syncing: true, Heads: map[headwatch.Tag]headwatch.Head{headwatch.Unsafe: s.block("", 100)},
			})
		},
		"b Lb LLb LLLb LLLLb", "b bb Sbb Sbbb SSbbb",
	},
	{
		"is stuck", 1,
		func(s *scene, e string, _ uint64, _ int) { s.says(100, e) },
		"S LS LLS LLLS LLLLS", "S SS SSS SSSS SSSSS",
	},
	{
		"follows 20 s behind", 1,
		func(s *scene, e string, head uint64, beat int) {
			s.says(min(head, max(100, s.due()-10)), e)
		},
		"L LL LLL LLLL LLLLL", "S SS SSS SSSS SSSSS",
	},
	{
		"goes back block by block", 1,
		func(s *scene, e string, _ uint64, beat int) { s.says(uint64(max(1, 100-beat)), e) },
		"S LS LLS LLLS LLLLS", "S SS SSS SSSS SSSSS",
	},
	{
		"advances on a fork", 1,
		func(s *scene, e string, _ uint64, _ int) { s.say(e, s.forked("f", s.due())) },
		"L bL LLL LbLL LLLLL", "L bL SLL SbLL SSLLL",
	},
	{
		"advances on a fork of its own", 1,
		func(s *scene, e string, _ uint64, _ int) { s.say(e, s.forked("f"+e, s.due())) },
		"L bb Lbb Lbbb LLbbb", "L bb Sbb Sbbb SSbbb",
	},
	{
		"stands on a fork", 1,
		func(s *scene, e string, _ uint64, _ int) { s.say(e, s.forked("f", 100)) },
		"S bS LSS LbSS LLSSS", "S bS SSS SbSS SSSSS",
	},
	{
		"alternates between two dead forks", 1,
		func(s *scene, e string, _ uint64, beat int) { s.say(e, s.forked([]string{"f", "g"}[beat%2], 100)) },
		"S bS LSS LbSS LLSSS", "S bS SSS SbSS SSSSS",
	},
	{
		"is two nodes behind a load balancer, one of them 20 s behind", 1,
		func(s *scene, e string, head uint64, beat int) {
			s.says(max(100, head-uint64(10*(beat%2))), e)
		},
		"L LL LLL LLLL LLLLL", "S SS SSS SSSS SSSSS",
	},
	{
		"is two nodes behind a load balancer, one of them on a fork that advances", 1,
		func(s *scene, e string, head uint64, beat int) {
			s.say(e, []headwatch.Head{s.block("", head), s.forked("f", s.due())}[beat%2])
		},
		"L LL LLL LLLL LLLLL", "L SL SLL SSLL SSLLL",
	},
	{
		"is a cache that gives the old block a new timestamp", 1,
		func(s *scene, e string, _ uint64, _ int) {
			h := s.block("", 100)
			h.Time = s.now
			s.say(e, h)
		},
		"S LS LLS LLLS LLLLS", "S SS SSS SSSS SSSSS",
	},
	{
		"gives the old number a new hash and timestamp", 1,
		func(s *scene, e string, _ uint64, beat int) {
			h := s.block(fmt.Sprintf("m%d.", beat), 100)
			h.Parent, h.Time = blockHash("", 99), s.now
			s.say(e, h)
		},
		"S bS LSS LbSS LLSSS", "S bS SSS SbSS SSSSS",
	},
	{
		"names a head in the future", 1,
		func(s *scene, e string, _ uint64, _ int) {
			h := s.block("z", 1<<40)
			h.Time = s.now.Add(time.Hour)
			s.say(e, h)
		},
		"S LS LSS LLSS LLSSS", "S bS SSS SbSS SSSSS",
	},
	{
		"invents heads that link to nothing", 1,
		func(s *scene, e string, _ uint64, beat int) {
			h := s.block("i", s.due())
			h.Parent, h.Time = blockHash(fmt.Sprint("j", beat), s.due()-1), s.now
			s.say(e, h)
		},
		"L bL LLL LbLL LLLLL", "L bL SLL SbLL SSLLL",
	},
	{
		"invents what comes next, with `proof_of_life = 1`", 1,
		func(s *scene, e string, _ uint64, _ int) { s.invent(e) },
		"L LL LLL LLLL LLLLL", "L LL LLL LLLL LLLLL",
	},
	{
		"invents what comes next, with `proof_of_life = 2`", 2,
		func(s *scene, e string, _ uint64, _ int) { s.invent(e) },
		"L bb Lbb LLbb LLLbb", "L bb Sbb Sbbb SSbbb",
	},
}

// due is the block that a chain which lives has now.
func (s *scene) due() uint64 { return uint64(s.now.Sub(s.start) / sceneBlock) }

// forked is a block of a fork that left after block 99.
func (s *scene) forked(fork string, n uint64) headwatch.Head {
	h := s.block(fork, n)
	if n == 100 {
		h.Parent = blockHash("", 99)
	}
	return h
}

// invent names a block that goes on from whatever is agreed.
func (s *scene) invent(endpoint string) {
	if h := s.view.tip; h.Number < s.due() {
		h.Number, h.Parent, h.Hash, h.Time = h.Number+1, h.Hash, blockHash("z"+endpoint, h.Number+1), s.now
		s.say(endpoint, h)
	}
}

// verdictOf plays four minutes and gives the letter of the last verdict. A verdict of a stall at any time counts.
func (m misbehaviour) verdictOf(t *testing.T, n, bad int, lives bool) rune {
	names := []string{"a", "b", "c", "d", "e"}[:n]
	s := newSceneOf(t, func(c *config.Chain) { c.ProofOfLife = min(m.proof, n) }, names...)
	s.live(100, names...)
	letter := letterOther
	for beat := 1; beat <= 240; beat++ {
		s.wait(time.Second)
		head := uint64(100)
		if lives {
			head = s.due()
		}
		for i, e := range names {
			if i >= n-bad {
				m.say(s, e, head, beat)
			} else {
				s.says(head, e)
			}
		}
		a := s.assess()
		switch {
		case a.Phase == headwatch.Stalled:
			letter = letterStalled
			if lives {
				return letter
			}
		case a.Phase == headwatch.Live:
			letter = letterLive
		case a.Phase == headwatch.Unknown && a.Find(headwatch.Blind) != nil:
			letter = letterBlind
		case a.Phase == headwatch.Unknown:
			letter = letterUnknown
		default:
			letter = letterOther
		}
	}
	return letter
}

func (m misbehaviour) row(t *testing.T, lives bool) string {
	var cells []string
	for n := 1; n <= 5; n++ {
		var cell strings.Builder
		for bad := 1; bad <= n; bad++ {
			cell.WriteRune(m.verdictOf(t, n, bad, lives))
		}
		cells = append(cells, cell.String())
	}
	return strings.Join(cells, " ")
}

const (
	matrixBegins = "<!-- misbehaviours: generated by make golden -->\n"
	matrixEnds   = "<!-- end of misbehaviours -->\n"
)

func matrixDocument() string {
	var b strings.Builder
	b.WriteString("\n| each of k endpoints of n | chain | n = 1 | 2 | 3 | 4 | 5 |\n|---|---|---|---|---|---|---|\n")
	for _, m := range misbehaviours {
		fmt.Fprintf(&b, "| %s | lives | `%s` |\n", m.name, strings.ReplaceAll(m.lives, " ", "` | `"))
		fmt.Fprintf(&b, "| | stands | `%s` |\n", strings.ReplaceAll(m.stands, " ", "` | `"))
	}
	b.WriteString("\n")
	return b.String()
}

func TestTheDocumentOfMisbehavioursIsUpToDate(t *testing.T) {
	const path = "../docs/testing.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), matrixBegins)
	_, after, ends := strings.Cut(rest, matrixEnds)
	if !begins || !ends {
		t.Fatalf("%s has no place for the table", path)
	}
	want := before + matrixBegins + matrixDocument() + matrixEnds + after
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Errorf("%s is out of date: run make golden", path)
	}
}

func TestEveryMisbehaviourHasItsVerdict(t *testing.T) {
	for _, m := range misbehaviours {
		t.Run(m.name, func(t *testing.T) {
			if got := m.row(t, true); got != m.lives {
				t.Errorf("the chain lives: %q, want %q", got, m.lives)
			}
			if got := m.row(t, false); got != m.stands {
				t.Errorf("the chain stands: %q, want %q", got, m.stands)
			}
		})
	}
}
